from streams.cli.places import embedded_place
from streams.settings import Settings


async def test_a_run_of_its_own_leaves_the_port_of_this_machine_s_worker_alone(tmp_path):
    settings = Settings(_env_file=None, health_port=8_080)
    async with embedded_place(settings, tmp_path) as here:
        assert here.health_port == 0
