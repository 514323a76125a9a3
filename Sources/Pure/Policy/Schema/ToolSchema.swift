/// The form of what a server offers: tools, resources and prompts (docs/specs/policy.md, section 3).
extension PolicySchema {
    static let tool = Record("a tool") {
        Field("class", .scalar(.ownClass), "What the tool may do.", required: true)
        Field("effects", effects, "Why a call matters.")
        Field("selects", .record(selects), "The arguments that name resources (`args.table`).")
        Field(
            "units", .map(.field, .shorthand(.unit, .record(unit))),
            "The units in which people read its numeric arguments.")
        Field("data", .record(data), "What of its results reaches any agent.")
        allowExtra
        Field(
            "source", words(ToolFlow.Source.self),
            "Who wrote what it returns: `untrusted` for outsiders; `internal` or absent: as its server's review says."
        )
        Field(
            "sends", .scalar(.bool),
            "Whether a call passes data out of the organisation, also one that only reads.")
        Field(
            "keys", fieldPaths,
            "The arguments that decide where an effect lands; every string and number when absent.")
        Field(
            "intent", .list(.scalar(.text), unordered: true),
            "Words, one of which the user's request must have, as it is or in a regular form.")
        Field(
            "provenance", .record(provenance),
            "Fields of a structured result that differ from their source.")
        Field(
            "accepts", .record(acceptedValues),
            "The arguments in which a call may have numbers of cards, accounts and people.")
        Field(
            "returns", .record(returnedValues),
            "The fields of its results whose numbers of cards, accounts and people agents get.")
    }

    private static let provenance = Record("`provenance`") {
        Field("trusted", fieldPaths, "The organisation wrote these fields, and all below them.")
        Field("untrusted", fieldPaths, "Outsiders wrote these fields, and all below them.")
    }

    private static let selects = Record("`selects`") {
        ResourceKind.allCases.map {
            Field($0.rawValue, .scalar(.text), "The argument that names the \($0.rawValue).")
        }
    }

    private static let unit = Record("a unit", oneOf: ["is", "money", "count"]) {
        Field(
            "is", .scalar(.word(ArgumentUnit.Measure.allCases.map(\.rawValue))),
            "What the number measures.")
        Field(
            "money", .scalar(.word(ArgumentUnit.MoneyScale.allCases.map(\.rawValue))),
            "Money: in the smallest unit of its currency, or in whole units.")
        Field(
            "currency", .scalar(.text),
            "The argument with the currency (`args.currency`), or a code of ISO 4217.")
        Field("count", .scalar(.text), "The name of what is counted (`seats`).")
    }

    static let resource = Record("a resource") {
        Field("uri", .scalar(.text), "Its URI or template.", required: true)
        Field("class", .scalar(.ownClass), "What reading it may do.", required: true)
        Field("effects", effects, "Why reading it matters.")
    }
    static let prompt = Record("a prompt") {
        Field("class", .scalar(.ownClass), "What getting it may do.", required: true)
        Field("effects", effects, "Why getting it matters.")
    }
}
