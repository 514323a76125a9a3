import InterlockModel
import InterlockPolicyCEL

extension URITemplate {
    /// The `args` that guards see for a resource: `uri` and each variable of the template, all of them
    /// texts that are no longer than a URI, and nothing else.
    ///
    /// A completion has only what was filled in so far; a guard that reads more then fails, as for prompts.
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
    /// The template of each resource's URI, by address.
    var templates: [ToolAddress: URITemplate] {
        rows.reduce(into: [:]) { $0[$1.address] = $1.spec.uri }
    }
}
