pytest_plugins = ["fixtures.kafka"]
