#!/bin/sh
# Starts one service of compose.yaml as soon as what it leans on answers.
set -eu

# Results pass through Ray in small pieces; its default would be a third of the memory.
OBJECT_STORE_BYTES=134217728

wait_for() {  # HOST PORT: until something listens there
  until python -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)' "$1" "$2" 2>/dev/null
  do sleep 0.5; done
}

wait_for_token() {
  until [ -s "$RAY_AUTH_TOKEN_PATH" ]; do sleep 0.2; done
}

case "${1:?usage: gradsweep-service api|runner|ray-head|ray-worker|mlflow}" in
  mlflow)
    wait_for postgres 5432
    export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
    exec mlflow server --workers 1 --host 0.0.0.0 --port 5000 \
      --backend-store-uri "$MLFLOW_BACKEND_URL" \
      --serve-artifacts --artifacts-destination /var/lib/gradsweep/artifacts \
      --allowed-hosts "$MLFLOW_ALLOWED_HOSTS"
    ;;
  ray-head)
    # Every member of the cluster shows this token; it lives in a volume that only they mount.
    [ -s "$RAY_AUTH_TOKEN_PATH" ] || (umask 077; python -c 'import secrets; print(secrets.token_hex(32), end="")' > "$RAY_AUTH_TOKEN_PATH")
    exec ray start --head --port 6379 --num-cpus 0 --include-dashboard=false --object-store-memory "$OBJECT_STORE_BYTES" --disable-usage-stats --block
    ;;
  ray-worker)
    wait_for_token
    wait_for ray-head 6379
    exec ray start --address ray-head:6379 --object-store-memory "$OBJECT_STORE_BYTES" --disable-usage-stats --block
    ;;
  runner)
    wait_for_token
    wait_for postgres 5432
    wait_for ray-head 6379
    # A driver talks to Ray through a node of its own; this one offers no CPU, so that nothing trains here.
    ray start --address ray-head:6379 --num-cpus 0 --num-gpus 0 --object-store-memory "$OBJECT_STORE_BYTES" --disable-usage-stats
    exec gradsweep runner
    ;;
  api)
    wait_for postgres 5432
    export GRADSWEEP_HOST=0.0.0.0 GRADSWEEP_PORT=8000
    exec python -m service
    ;;
  alive)  # PART: whether a process of this container runs under that name or command
    exec python -c 'import psutil, sys; sys.exit(not any(sys.argv[1] in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]) if p.pid != psutil.Process().pid))' "$2"
    ;;
  *)
    echo "gradsweep-service: no service is called '$1'" >&2
    exit 2
    ;;
esac
