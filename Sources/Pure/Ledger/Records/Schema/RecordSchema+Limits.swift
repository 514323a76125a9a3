/// Records of the limits and layers of sandboxed runs (docs/specs/sandbox.md, section 12).
extension RecordSchema {
    static let runDegraded = RecordSchema(
        .after, .inRun,
        "A layer of the sandbox that is off, as the policy lets it be; the run begins without it.",
        [
            .required("name", .name, "the layer: `landlock` or `namespaces`"),
            .required("code", .name, "why: `kernel`, which has none, or `policy`"),
        ])

    static let limitDegraded = RecordSchema(
        .after, .inRun,
        "A limit of the policy that is not kept for all processes of the run together.",
        [
            .required(
                "name", .name,
                "the limit: `cpu` or `memory`; without namespaces also `pids` and `tmp`"),
            .required(
                "code", .name,
                "why: `no-cgroup`, none is delegated to the user, or `no-controller`, it lacks this one"
            ),
            .optional("amt", .count, "what the policy states: processors or bytes"),
        ])

    static let limitHit = RecordSchema(
        .after, .inRun, "A limit that the run reached. All but `pids` end it.",
        [
            .required(
                "name", .oneOf(["wall", "memory", "pids", "workspace", "disk"]),
                "the limit; `workspace`: the changes, `disk`: the space that is left outside"),
            .required("amt", .count, "its value: seconds, processes or bytes"),
        ])
}
