// The levels of runs that no call raises (docs/specs/output-safety.md, sections 6 and 7).
extension RecordSchema {
    static let runTainted = RecordSchema(
        .before, .inRun,
        "A run counts as having read content that outsiders can write, although no call brought it. Durable before the content "
            + "reaches the run, as far as the gateway can hold it back.",
        [
            .required(
                "tl", .count,
                "the level of the run from now on: 1, or 2 if the content was not searched for markers of injections, "
                    + "or comes from a run with level 2"),
            .required(
                "code",
                .oneOf([
                    "mention", "import", "unredactable", "unread", "unmatched", "workspace",
                    "inherited", "moved",
                ]),
                "`mention`: a prompt mentions a file; `import`: a file of instructions was imported; `unredactable`: the model "
                    + "read a result that its host could not replace; `unread`: an event that may have brought a result "
                    + "could not be read; `unmatched`: the end of a tool that reads the outside, and no call began it; "
                    + "`workspace`: a run that had read untrusted content wrote to the workspace; `inherited`: another run "
                    + "of the agent had; `moved`: another node, or process, served the run"),
            .optional(
                "ofrun", .id,
                "of `workspace` and `inherited`: the run whose level counts; absent if it is not known"
            ),
        ])

    static let workspaceLevel = RecordSchema(
        .before, .outside,
        "A run that has read untrusted content is about to write to a folder, or a person declares the files there clean.",
        [
            .required("sum", .digest, "SHA-256 of the path of the folder; all below it is meant"),
            .required(
                "tl", .count,
                "the level of its files for later runs, as of a run: 1 or 2; 0 if a person says that they are clean"
            ),
            .optional("ofrun", .id, "the run that writes; absent for a person"),
            .required("detail", .payload, "the path of the folder"),
            .optional("reason", .payload, "the reason that the person gives"),
        ])
}
