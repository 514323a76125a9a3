extension RecordSchema {
    static let canaryAdded = RecordSchema(
        .before, .outside, "A value that no one has a reason to use is searched for from here on.",
        [
            .required("cny", .name, "its name"),
            .required(
                "kind", .oneOf(["token", "github-token", "aws-key", "password"]), "its form"),
            .required("h", .digest, "a keyed digest of the value, which is in no record"),
            .required("by", .person, "the operator"),
            .optional(
                "code", .name, "`removal.unkept`: a recorded removal that could not be kept"),
        ])

    static let canaryRemoved = RecordSchema(
        .before, .outside, "A canary is not searched for any more.",
        [
            .required("cny", .name, "its name"),
            .required("by", .person, "the operator"),
            .optional(
                "code", .name, "`addition.unkept`: a recorded addition that could not be kept"),
        ])
}
