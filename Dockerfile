# One recipe for every Debian release. The lab is compiled once, on the oldest (BUILD_BASE), and the same
# binaries run in every image: libc and allocators vary, the compiler does not.
# `make image` fills in the arguments; by hand: docker build --build-arg BASE=debian:trixie-slim -t alloclab:trixie .
ARG BUILD_BASE=debian:bookworm-slim
ARG BASE=debian:bookworm-slim

FROM ${BUILD_BASE} AS tools
ARG ARCHIVE=""
COPY scripts/setup.sh scripts/containers/apt.sh scripts/containers/facts.sh /alloclab/scripts/
RUN /alloclab/scripts/apt.sh "${ARCHIVE}" $(/alloclab/scripts/setup.sh --list build optional) && \
    /alloclab/scripts/facts.sh > /alloclab/build-packages.json

FROM tools AS build
COPY CMakeLists.txt CMakePresets.json /alloclab/
COPY harness /alloclab/harness
COPY experiments /alloclab/experiments
COPY allocators /alloclab/allocators
WORKDIR /alloclab
ARG COMMIT=""
ARG CHANGES=""
RUN cmake --preset release && \
    LAB_COMMIT="${COMMIT}" LAB_CHANGES="${CHANGES}" cmake --build --preset release \
      --target alloclab alloclab-child alloclab-launch alloclab_reference alloclab_bump && \
    mkdir bin && find build/release -maxdepth 1 -type f \( -perm -u=x -o -name '*.so' \) -exec cp -t bin {} +

FROM ${BASE} AS runtime
ARG ARCHIVE=""
COPY scripts/setup.sh scripts/containers/apt.sh scripts/containers/facts.sh /alloclab/scripts/
RUN /alloclab/scripts/apt.sh "${ARCHIVE}" libstdc++6 liblsan0 $(/alloclab/scripts/setup.sh --list allocators) && \
    /alloclab/scripts/facts.sh > /alloclab/packages.json
ARG BASE_ORIGIN=registry
ARG BASE_DIGEST=unknown
LABEL alloclab.archive=${ARCHIVE} alloclab.base_origin=${BASE_ORIGIN} alloclab.base_digest=${BASE_DIGEST}

FROM runtime
COPY --from=build /alloclab/build-packages.json /alloclab/
COPY --from=build /alloclab/bin /alloclab/bin
ARG SOURCE=unknown
LABEL alloclab.source=${SOURCE}
ENV PATH=/alloclab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENTRYPOINT ["alloclab"]
CMD ["doctor"]
