"""Checks what the files in deploy/ say, beyond that they can be read.

Docker and Compose are not run: that needs an engine. What they would be told is compared here with
what the binary understands.
"""

import pathlib
import re
import subprocess
import sys

import yaml

HELM = sys.argv[1]
CHART = "deploy/helm/portico"
NEEDED = ["--set", "publicUrl=https://port.example.com", "--set", "existingSecret=portico"]
# Settings that the binary knows, from the table that a test keeps complete.
SETTINGS = set(re.findall(r"^\| `[a-z_.]+` \| `(PORTICO_\w+)` \|", pathlib.Path("docs/OPERATIONS.md").read_text(), re.M))


def helm(*args):
    return subprocess.run([HELM, *args], capture_output=True, text=True)


def rendered(*values):
    done = helm("template", "test", CHART, *NEEDED, *values)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def known(names, where):
    unknown = set(names) - SETTINGS
    assert not unknown, f"{where}: {unknown} are no settings"


def check_chart():
    done = helm("lint", "--strict", CHART, *NEEDED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert helm("template", CHART).returncode != 0, "the secret and the address are needed"
    assert helm("template", CHART, *NEEDED, "--set", "replica=3").returncode != 0, "an unknown value"
    for separate in ["false", "true"]:
        everything = rendered("--set", f"worker.separate={separate}", "--set", "ingress.enabled=true", "--set", "ingress.host=x")
        assert {"Service", "Ingress", "PodDisruptionBudget", "Job", "Deployment"} == {d["kind"] for d in everything}
        check_pods(everything)


def check_pods(everything):
    service = of_kind(everything, "Service")[0]["spec"]["selector"]
    served = 0
    for deployment in of_kind(everything, "Deployment"):
        spec = deployment["spec"]
        labels = spec["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items()
        served += service.items() <= labels.items()
        pod, container = spec["template"]["spec"], spec["template"]["spec"]["containers"][0]
        assert container["args"][:2] == ["serve", "--role"] and container["args"][2] in ["all", "api", "worker"]
        names = {variable["name"]: variable["value"] for variable in container["env"]}
        known(names, "the chart")
        grace = int(names["PORTICO_STOP_GRACE_SECONDS"])
        assert pod["terminationGracePeriodSeconds"] >= grace + 25, "the process is killed before it has ended"
        assert grace > container["readinessProbe"]["periodSeconds"], "nobody notices that the node leaves"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
    assert served == 1, "the service leads to one deployment"
    job = of_kind(everything, "Job")[0]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert not service.items() <= job["spec"]["template"]["metadata"]["labels"].items(), "the job is served"


def check_compose():
    compose = yaml.safe_load(pathlib.Path("deploy/compose.yaml").read_text())
    services = compose["services"]
    nodes = [name for name in services if name.startswith("portico-")]
    assert len(nodes) == 3
    caddy = pathlib.Path("deploy/Caddyfile").read_text()
    for name, service in services.items():
        for other in service.get("depends_on", []):
            assert other in services, f"{name} waits for {other}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or pathlib.Path("deploy", source).exists(), source
    for node in nodes:
        known(services[node]["environment"], "compose.yaml")
        assert f"{node}:8080" in caddy, "the proxy leads to every node"
        assert pathlib.Path(services[node]["build"]["dockerfile"]).exists()
    wanted = set(re.findall(r"\$\{(\w+):\?", pathlib.Path("deploy/compose.yaml").read_text()))
    given = set(re.findall(r"^(\w+)=", pathlib.Path("deploy/compose.env.example").read_text(), re.M))
    assert wanted <= given, wanted - given


def check_environments():
    known(re.findall(r"^(PORTICO_\w+)=", pathlib.Path("deploy/portico.env.example").read_text(), re.M), "portico.env.example")
    known(re.findall(r"(PORTICO_\w+)=", pathlib.Path("deploy/Dockerfile").read_text()), "Dockerfile")


def check_alerts():
    groups = yaml.safe_load(pathlib.Path("deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in groups[0]["rules"]:
        assert rule["labels"]["severity"] in ["page", "ticket"] and rule["annotations"]["summary"], rule["alert"]


assert len(SETTINGS) > 10
check_chart()
check_compose()
check_environments()
check_alerts()
