extension PolicySchema {
    /// The keys whose signatures count under evals (docs/specs/evals.md, sections 5 and 6).
    static let eval = Record("`eval`") {
        Field(
            "signers", .list(.record(evalKey), unordered: true),
            "Keys that sign results; without one, no result counts.")
        Field(
            "attesters", .list(.record(evalKey), unordered: true),
            "Keys that sign release manifests.")
    }

    private static let evalKey = Record("a key of evals") {
        Field("key", .scalar(.publicKey), "The public key.", required: true)
        Field(
            "held_by", people, "Everyone who can use it alone; `[]` if only a pipeline can.",
            required: true)
    }
}
