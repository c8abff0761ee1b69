# The recorder in a container: built on Ubuntu, whose archive has the .NET SDK, and run on Debian 12, whose archive has Chromium.
#   docker build -t edumeet-recorder .
#   docker run -v /tmp:/records --rm -it --network=host edumeet-recorder
# Chromium's sandbox needs namespaces, which Docker's own seccomp profile denies: --security-opt seccomp=deploy/seccomp/recorder.json
FROM ubuntu:24.04 AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates dotnet-sdk-10.0 \
    && rm -rf /var/lib/apt/lists/*
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
WORKDIR /source
COPY . .
# The runtime comes along, since Debian has none.
RUN case "$(dpkg --print-architecture)" in amd64) runtime=linux-x64 ;; arm64) runtime=linux-arm64 ;; *) exit 1 ;; esac \
    && dotnet publish src/Recorder.Node -c Release -r "$runtime" --self-contained -o /opt/recorder -p:RunAnalyzers=false -p:DebugType=none -p:GenerateDocumentationFile=false

FROM debian:12-slim
COPY deploy/install-dependencies /tmp/deploy/
COPY deploy/container/install /tmp/deploy/container/
COPY deploy/chromium /tmp/deploy/chromium
RUN /tmp/deploy/container/install
COPY deploy/container/entry deploy/container/health /usr/local/lib/recorder/
COPY --from=build /opt/recorder /opt/recorder
COPY LICENSE THIRD-PARTY-NOTICES.md /opt/recorder/
RUN ln -s /opt/recorder/recorder /usr/local/bin/recorder
# Whoever mounts a folder for records is another user than the container's, and is to read them.
ENV RECORDER_RECORDS=/records RECORDER_DATA=/data RECORDER_MEDIA_RECORDS_READABLE_BY=Everyone GST_REGISTRY=/var/cache/recorder/gstreamer.registry GST_REGISTRY_UPDATE=no
VOLUME ["/records", "/data"]
EXPOSE 34568 34569
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/usr/local/lib/recorder/health"]
# Root's only to make mounted folders usable; the node runs as recorder-node, browsers as recorder.
ENTRYPOINT ["/usr/local/lib/recorder/entry"]
CMD ["run"]
