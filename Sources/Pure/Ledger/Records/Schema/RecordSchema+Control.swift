/// Records of a node of a cluster (docs/specs/cluster.md, section 7), and the fields that such a node adds to others.
extension RecordSchema {
    static let controlEntry = RecordSchema(
        .after, .outside, "A node of a cluster has applied an entry of the control chain.",
        [
            .required("ctl", .object, "`{digest,n}` of the entry"),
            .required("kind", .name, "the kind of the entry"),
        ])

    /// The reference of a record to an entry of the control chain; absent on a node without a cluster.
    static func control(_ meaning: String) -> RecordField {
        .optional("ctl", .object, "in a cluster, `{digest,n}` of \(meaning)")
    }

    /// The units of limits that a call takes when it is sent.
    static let units = RecordField.optional(
        "units", .objects,
        "in a cluster, `{limit,n,u,win}` of each limit from which the call takes `u` units: "
            + "at most `n` in `win` seconds")
}
