# The recorder on Debian 12. Debian has no .NET SDK, so the image to build with is an argument:
#   docker build --build-arg SDK_IMAGE=<an image with the .NET 10 SDK> -t edumeet-recorder .
#   docker run --init -v /tmp:/records --rm -it --network=host edumeet-recorder
ARG SDK_IMAGE

FROM ${SDK_IMAGE} AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Recorder.Node -c Release -r linux-x64 --self-contained -o /opt/recorder

FROM debian:12-slim
COPY deploy/install-dependencies /tmp/install-dependencies
RUN /tmp/install-dependencies --runtime && rm -rf /tmp/install-dependencies /var/lib/apt/lists/*
COPY --from=build /opt/recorder /opt/recorder
RUN mkdir /records /data && chown recorder:recorder /records /data
ENV RECORDER_RECORDS=/records RECORDER_DATA=/data
VOLUME ["/records", "/data"]
EXPOSE 34568 34569
# Root only to hand the mounted folders' rights on: browsers run as the user recorder (Media:User).
ENTRYPOINT ["/opt/recorder/recorder"]
CMD ["run"]
