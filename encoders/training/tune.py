"""Fine-tuning the encoders of a bundle, and the files that come of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import torch

from encoders.bundle import Bundle, ImageSpec, TextSpec
from encoders.errors import TrainingError
from encoders.fitting import Changes
from encoders.head import Head
from encoders.training.augmentation import PhotoAugmentation, PhotoSettings, TitleAugmentation, TitleSettings
from encoders.training.data import Contents, Examples, Photos, Split, Titles, split
from encoders.training.looping import Outcome, Progress, run
from encoders.training.looping.checkpoints import STATE
from encoders.training.looping.folder import replacing, writing
from encoders.training.losses import ArcFaceHead, ArcFaceSettings, ClassHead, SoftmaxHead
from encoders.training.order import Order, Trained
from encoders.training.recipes import RecipeName
from encoders.training.tasks import Rates, Trainee, TuningSettings, TuningTask
from encoders.training.towers import ImageTower, Neck, TextTower, starting_weights
from encoders.types import Modality

_HEAD_FILE = "head.safetensors"
_IMAGE_FILE = "image.safetensors"
_MODEL_FOLDER = "model"

_CONTENT = {Modality.IMAGE: "photo", Modality.TEXT: "title"}
_OPTION = {Modality.IMAGE: "--image-backbone", Modality.TEXT: "--text-model"}
_LEAST = 2
"""Products with several listings that each side needs: one has nothing to be told apart from."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One encoder's training.

    Args:
        modality: of what it looks at.
        spec: the encoder to start from.
        sides: the listings that it can look at.
    """

    modality: Modality
    spec: TextSpec | ImageSpec
    sides: Split


def tune_each(order: Order, settings: TuningSettings, examples: Examples, progress: Progress) -> Trained:
    """One encoder after the other; each learns from what it can look at.

    Raises:
        BundleError: something of the base can't be read.
        TrainingError: as of `train`.
    """
    whole = split(examples, order.held_out, order.course.seed)
    # all are checked before the first is trained, which may take hours
    parts = [_Part(one, _spec(order.base, settings, one), _sides(whole, one)) for one in order.modalities]
    changes, outcomes = Changes(), {}
    for part in parts:
        trainee, outcomes[part.modality] = _tuned(order, settings, part, progress.of(part.modality))
        changes = _written(changes, order.folder / part.modality, trainee, part.spec)
    return Trained(changes, outcomes, examples, whole)


def _spec(base: Bundle, settings: TuningSettings, modality: Modality) -> TextSpec | ImageSpec:
    if modality is Modality.TEXT and base.text:
        return base.text
    if modality is Modality.IMAGE and base.image:
        resize, crop = settings.resize or base.image.resize, settings.crop or base.image.crop
        if crop > resize:
            got, wanted = f"photos of {resize} pixels cropped to {crop}", "a crop no larger than the photo"
            raise TrainingError("training of images", got, wanted, "change resize or crop")
        return replace(base.image, resize=resize, crop=crop)
    remedy = f"name another with --base, or make one with 'matchstream fit {_OPTION[modality]}'"
    raise TrainingError(f"bundle '{base.name}'", f"no {modality} encoder", "one to start from", remedy)


def _sides(whole: Split, modality: Modality) -> Split:
    sides = Split(whole.training.with_content(modality), whole.held_out.with_content(modality))
    for side, purpose in ((sides.training, "to learn from"), (sides.held_out, "to measure on")):
        if side.several < _LEAST:
            got = f"{side.several} products with more than one {_CONTENT[modality]} {purpose}"
            remedy = "give more of them, or leave this modality out with --modality"
            raise TrainingError(f"training data, {modality}", got, f"at least {_LEAST}", remedy)
    return sides


def _tuned(order: Order, settings: TuningSettings, part: _Part, progress: Progress) -> tuple[Trainee, Outcome]:
    folder = order.folder_of(part.modality, part.sides)
    tower, contents = _tower(order.base, settings, part.spec)
    head = _head(order.recipe, settings, part.sides.training, tower.dimensions)
    trainee = Trainee(tower, Neck(tower.dimensions, wanted=settings.neck), head)
    rates = Rates(settings.rate, settings.head_rate, settings.weight_decay)
    task = TuningTask(part.sides, contents, trainee, rates, settings.batch, order.course.seed)
    if settings.prototypes and not (folder.checkpoint / STATE).exists():
        task.network.to(order.device)
        task.start_from_prototypes(progress)
    outcome = run(task, order.course_of(part.modality), folder, order.device, progress)
    task.network.cpu()
    return trainee, outcome


def _tower(
    base: Bundle, settings: TuningSettings, spec: TextSpec | ImageSpec
) -> tuple[TextTower | ImageTower, Contents]:
    if isinstance(spec, TextSpec):
        text = TextTower(spec, base.path)
        rewrite = TitleAugmentation(TitleSettings(strength=settings.augment)) if settings.augment else None
        return text, Titles(text, rewrite)
    weights, head = starting_weights(base, spec), base.file(spec.head) if spec.head else None
    # published weights of some backbones look at photos otherwise than the same weights in a file
    image = ImageTower(replace(spec, weights=_IMAGE_FILE), weights, head, frozen_norms=settings.frozen_norms)
    changed = PhotoSettings(strength=settings.augment, flip=0.5 if settings.flip else 0.0)
    photograph = PhotoAugmentation(spec.crop, changed, evaluation=spec) if settings.augment else None
    return image, Photos(image, spec, photograph)


def _head(recipe: RecipeName, settings: TuningSettings, training: Examples, dimensions: int) -> ClassHead:
    if recipe is RecipeName.SOFTMAX:
        return SoftmaxHead(training.products, dimensions)
    arc = ArcFaceSettings(settings.margin, settings.scale, settings.margin_warm_up, settings.class_size_power)
    return ArcFaceHead(training.products, dimensions, arc, torch.from_numpy(training.counts))


def _written(changes: Changes, folder: Path, trainee: Trainee, spec: TextSpec | ImageSpec) -> Changes:
    """Write the trained encoder's files; the changes to a bundle then name them, too."""
    tower, head = trainee.tower, _written_head(folder / _HEAD_FILE, trainee)
    if isinstance(spec, TextSpec):
        with writing(folder / _MODEL_FOLDER):
            tower.write(folder / _MODEL_FOLDER)
        model = str(folder / _MODEL_FOLDER)
        return replace(changes, text_model=model, text_max_tokens=spec.max_tokens, text_head=head)
    with replacing(folder / _IMAGE_FILE) as file:
        tower.write(file)
    return replace(
        changes,
        image_backbone=spec.backbone,
        image_weights=folder / _IMAGE_FILE,
        image_resize=spec.resize,
        image_crop=spec.crop,
        image_head=head,
    )


def _written_head(path: Path, trainee: Trainee) -> Path | None:
    """What features go through: what they went through before, and the neck."""
    heads = [head for head in (trainee.tower.fixed.head, trainee.neck.as_head()) if head]
    if not heads:
        return None
    with replacing(path) as file:
        file.write_bytes(reduce(Head.then, heads).to_bytes())
    return path
