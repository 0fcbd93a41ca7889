"""The protocol with one step left out or exchanged, to see whether the random tests notice."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from fakes.chaos import CrashError
from fakes.flow import Stage

from streams.events import Mark
from streams.index.port import Change
from streams.stages import Channel, Letter, blend, match, state
from streams.stages.change import Replacement, _says_something, _touched


class Steps:
    """The four steps of the protocol, each to be exchanged for a wrong one."""

    def __init__(self, replacements, look, channel, dependencies):
        self.replacements, self.look = replacements, look
        self.channel, self.dependencies = channel, dependencies
        self.moved = [one for one in replacements if one.replaces or one.unfinished]
        self.touched: Mapping[str, str] = {}

    async def carry_out(self):
        await self.write()
        if self.moved:
            await self.look_around()
            await self.mark()
            await self.clear()

    def change(self, one: Replacement) -> Change:
        return one.writing()

    async def write(self):
        changes = [self.change(one) for one in self.replacements]
        await self.dependencies.index.write([change for change in changes if _says_something(change)])

    async def look_around(self):
        self.touched = await _touched(self.moved, self.look)

    async def mark(self):
        marks = [Letter.mark(self.channel, Mark(i, cause)) for i, cause in self.touched.items()]
        await self.dependencies.outbox.deliver(marks)

    async def clear(self):
        cleared = [Change(one.listing_id, forget=(state.PENDING[one.view],)) for one in self.moved]
        await self.dependencies.index.write(cleared)


class LookBeforeWriting(Steps):
    async def carry_out(self):
        if self.moved:
            await self.look_around()
        await self.write()
        if self.moved:
            await self.mark()
            await self.clear()


class ClearBeforeMarking(Steps):
    async def carry_out(self):
        await self.write()
        if self.moved:
            await self.look_around()
            await self.clear()
            await self.mark()


class NoRecordWhenNothingIsReplaced(Steps):
    def change(self, one):
        change, name = one.writing(), state.PENDING[one.view]
        if one.before.view(one.view) or one.unfinished:
            return change
        return replace(change, record={key: value for key, value in change.record.items() if key != name})


class RecordAfterTheRows(Steps):
    def change(self, one):
        change = one.writing()
        return replace(change, record={}, payload={**change.payload, **change.record})


class OnlyOldNeighbors(Steps):
    async def look_around(self):
        old = [(one.listing_id, value) for one in self.moved for value in one.replaced() if value.embedding]
        touched = {one.listing_id: one.cause for one in self.moved}
        for listing_ids in await self.look(old):
            touched |= dict.fromkeys(listing_ids, "")
        self.touched = touched


class OnlyNewNeighbors(Steps):
    async def look_around(self):
        touched = {one.listing_id: one.cause for one in self.moved}
        new = [(one.listing_id, one.new) for one in self.moved if one.new.embedding]
        for listing_ids in await self.look(new):
            touched |= dict.fromkeys(listing_ids, "")
        self.touched = touched


class NotItself(Steps):
    async def mark(self):
        own = {one.listing_id for one in self.moved}
        self.touched = {i: cause for i, cause in self.touched.items() if i not in own}
        await super().mark()


@dataclass
class Filtered:
    """An outbox that loses the letters of some channels."""

    outbox: object
    lost: Channel

    async def deliver(self, letters: Sequence[Letter]) -> None:
        await self.outbox.deliver([letter for letter in letters if letter.channel is not self.lost])


async def blend_without_second_look(messages, dependencies):
    await blend(messages, replace(dependencies, outbox=Filtered(dependencies.outbox, Channel.REBLEND)))


@dataclass
class Noticed:
    """An outbox that knows whether anything was to be sent."""

    outbox: object
    begun: bool = field(default=False)

    async def deliver(self, letters: Sequence[Letter]) -> None:
        self.begun = True
        await self.outbox.deliver(letters)


def acknowledged_early(stage: Stage) -> Stage:
    """The stage, as if its input were acknowledged before its letters are sent."""

    async def run(messages, dependencies):
        outbox = Noticed(dependencies.outbox)
        try:
            await stage(messages, replace(dependencies, outbox=outbox))
        except CrashError:
            if not outbox.begun:
                raise

    return run


class ForgetfulIndex:
    """An index that stores no record of what is not told yet."""

    def __init__(self, index) -> None:
        self.index = index

    def __getattr__(self, name):
        return getattr(self.index, name)

    async def write(self, changes):
        await self.index.write([one if one.forget else replace(one, record={}) for one in changes])


async def match_without_telling_again(messages, dependencies):
    await match(messages, replace(dependencies, index=ForgetfulIndex(dependencies.index)))


def exchanged(steps: type[Steps]) -> ExitStack:
    """Lets index and blend carry out these steps."""

    async def carry_out(replacements, look, channel, dependencies):
        await steps(replacements, look, channel, dependencies).carry_out()

    stack = ExitStack()
    for name in ("index", "blend"):
        stack.enter_context(patch.object(importlib.import_module(f"streams.stages.{name}"), "carry_out", carry_out))
    return stack
