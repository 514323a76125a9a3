package import InterlockJSON

extension DataObligations {
    /// Returns the schema that the results of a tool satisfy after `apply`, if they satisfied the given one before: a
    /// field that is removed is neither listed nor required, and a masked one is a text
    /// (docs/specs/output-safety.md, section 3). Wherever a field is affected, keywords that a removed field could
    /// break are left out, so the new schema never requires more.
    ///
    /// - Parameter schema: an output schema, draft-07 or 2020-12.
    /// - Returns: nil if there is no such schema in this form, such as with anchors, or with a reference to a schema that
    ///   itself has the fields. Only local references are followed.
    package func filtered(schema: JSONObject) -> JSONObject? {
        guard changesResults else { return schema }
        var filter = SchemaFilter(root: schema)
        do throws(SchemaFilter.Unwritable) {
            return try filter.filtered(
                schema, SchemaFilter.Paths(keep: keep, drop: drop, mask: Array(mask.keys)))
        } catch { return nil }
    }
}
