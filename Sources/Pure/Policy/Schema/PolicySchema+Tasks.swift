extension PolicySchema {
    /// A task that a run can have as its purpose (docs/specs/output-safety.md, section 8).
    static let task = Record("a task") {
        Field("agent", .scalar(.name(.agent)), "Whose runs can have it.", required: true)
        Field(
            "tools", .list(.scalar(.name(.qualifiedTool)), unordered: true),
            "All that such a run may use, at least one.", required: true)
    }
}
