import InterlockModel

extension URITemplate {
    /// What guards see of a resource as `args`: `uri` and each variable of the template, all of them texts
    /// that are no longer than a URI, and nothing else.
    ///
    /// A completion has only what was filled in so far; a guard that asks for more fails then, as for prompts.
    var guardArguments: CELSchema.Arguments {
        let names = [Self.reservedName] + names
        let text = CELExtent.text(bytes: ResourceURI.longest)
        return CELSchema.Arguments(
            type: .object(
                CELObjectType(
                    fields: names.map {
                        CELObjectType.Field(name: $0, type: .string, isRequired: true)
                    }, isOpen: false)),
            extent: .map(
                items: names.count,
                fields: Dictionary(uniqueKeysWithValues: names.map { ($0, text) }),
                others: .fixed))
    }
}

extension ToolTable {
    /// By address: what each resource's URI looks like.
    var templates: [ToolAddress: URITemplate] {
        rows.reduce(into: [:]) { $0[$1.address] = $1.spec.uri }
    }
}
