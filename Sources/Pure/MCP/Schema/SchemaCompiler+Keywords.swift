import InterlockJSON
import InterlockModel

extension SchemaCompiler {
    private mutating func nodes(at places: [String]) throws(SchemaError) -> [Int] {
        var result: [Int] = []
        for place in places { result.append(try node(at: place)) }
        return result
    }

    private mutating func node(
        _ reader: KeywordReader, _ key: String
    ) throws(SchemaError) -> Int? { reader.has(key) ? try node(at: reader.place(key)) : nil }

    mutating func addValueKeywords(
        _ reader: inout KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        switch reader.schema["type"] {
        case nil: break
        case .string(let name)?: keywords.append(.type(try types([name], reader)))
        case let value?:
            keywords.append(.type(try types(try reader.texts(value, at: "type"), reader)))
        }
        if let value = reader.schema["enum"] {
            guard case .array(let values) = value else { throw reader.wrong("enum", "a list") }
            keywords.append(.enumeration(values))
        }
        if let value = reader.schema["const"] { keywords.append(.const(value)) }
        if let places = try reader.list("allOf") { keywords.append(.allOf(try nodes(at: places))) }
        if let places = try reader.list("anyOf") { keywords.append(.anyOf(try nodes(at: places))) }
        if let places = try reader.list("oneOf") { keywords.append(.oneOf(try nodes(at: places))) }
        if let child = try node(reader, "not") { keywords.append(.not(child)) }
        if let condition = try node(reader, "if") {
            let (then, otherwise) = (try node(reader, "then"), try node(reader, "else"))
            keywords.append(.conditional(if: condition, then: then, else: otherwise))
        }
    }

    private func types(
        _ names: [String], _ reader: KeywordReader
    ) throws(SchemaError) -> SchemaTypes {
        var types: SchemaTypes = []
        for name in names {
            guard let type = SchemaTypes(name: name) else {
                throw reader.wrong("type", "a type or a list of types")
            }
            types.insert(type)
        }
        return types
    }

    mutating func addNumberAndStringKeywords(
        _ reader: inout KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        if let divisor = try reader.number("multipleOf") {
            guard divisor.canDivide else {
                throw reader.wrong("multipleOf", "a number above 0 of at most 18 digits")
            }
            keywords.append(.multipleOf(divisor, text: reader.spelling("multipleOf")))
        }
        for (key, isExclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
            guard let bound = try reader.number(key) else { continue }
            keywords.append(.maximum(bound, isExclusive: isExclusive, text: reader.spelling(key)))
        }
        for (key, isExclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
            guard let bound = try reader.number(key) else { continue }
            keywords.append(.minimum(bound, isExclusive: isExclusive, text: reader.spelling(key)))
        }
        let (least, most) = (try reader.count("minLength"), try reader.count("maxLength"))
        if least != nil || most != nil {
            keywords.append(.length(least: least ?? 0, most: most ?? .max))
        }
        if let text = try reader.text("pattern") {
            keywords.append(.pattern(try pattern(text, at: reader.place("pattern")), text: text))
        }
    }

    mutating func addArrayKeywords(
        _ reader: inout KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        let (least, most) = (try reader.count("minItems"), try reader.count("maxItems"))
        if least != nil || most != nil {
            keywords.append(.count(least: least ?? 0, most: most ?? .max))
        }
        switch reader.schema["uniqueItems"] {
        case nil, .bool(false)?: break
        case .bool(true)?: keywords.append(.uniqueItems)
        default: throw reader.wrong("uniqueItems", "true or false")
        }
        try addItems(reader, to: &keywords)
        if let child = try node(reader, "contains") {
            let isNew = index.dialect == .draft2020
            let least = isNew ? try reader.count("minContains") : nil
            let most = isNew ? try reader.count("maxContains") : nil
            keywords.append(.contains(child, least: least ?? 1, most: most ?? .max))
        }
    }

    private mutating func addItems(
        _ reader: KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        switch index.dialect {
        case .draft2020:
            let prefix = try nodes(at: try reader.list("prefixItems") ?? [])
            let rest = try node(reader, "items")
            if !prefix.isEmpty || rest != nil {
                keywords.append(.items(prefix: prefix, rest: rest))
            }
        case .draft7:
            if case .array(let elements)? = reader.schema["items"] {
                let prefix = try nodes(
                    at: elements.indices.map { "\(reader.place("items"))/\($0)" })
                let rest = try node(reader, "additionalItems")
                keywords.append(.items(prefix: prefix, rest: rest))
            } else if let rest = try node(reader, "items") {
                keywords.append(.items(prefix: [], rest: rest))
            }
        }
    }

    mutating func addObjectKeywords(
        _ reader: inout KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        let (least, most) = (try reader.count("minProperties"), try reader.count("maxProperties"))
        if least != nil || most != nil {
            keywords.append(.size(least: least ?? 0, most: most ?? .max))
        }
        if let names = try reader.texts("required") { keywords.append(.required(names)) }
        try addDependencies(reader, to: &keywords)
        if let child = try node(reader, "propertyNames") { keywords.append(.propertyNames(child)) }

        var named: [ExactText: Int] = [:]
        for member in try reader.map("properties") ?? [] {
            named[ExactText(member.key)] = try node(at: member.place)
        }
        var matching: [(pattern: any Pattern, node: Int)] = []
        for member in try reader.map("patternProperties") ?? [] {
            matching.append((try pattern(member.key, at: member.place), try node(at: member.place)))
        }
        let others = try node(reader, "additionalProperties")
        if !named.isEmpty || !matching.isEmpty || others != nil {
            keywords.append(.properties(named: named, matching: matching, others: others))
        }
    }

    private mutating func addDependencies(
        _ reader: KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        var needs: [(key: String, needs: [String])] = []
        var schemas: [(key: String, node: Int)] = []
        switch index.dialect {
        case .draft2020:
            for member in try reader.map("dependentRequired") ?? [] {
                needs.append((member.key, try reader.texts(member.value, at: "dependentRequired")))
            }
            for member in try reader.map("dependentSchemas") ?? [] {
                schemas.append((member.key, try node(at: member.place)))
            }
        case .draft7:
            for member in try reader.map("dependencies") ?? [] {
                if member.value.array != nil {
                    needs.append((member.key, try reader.texts(member.value, at: "dependencies")))
                } else {
                    schemas.append((member.key, try node(at: member.place)))
                }
            }
        }
        if !needs.isEmpty { keywords.append(.dependentRequired(needs)) }
        if !schemas.isEmpty { keywords.append(.dependentSchemas(schemas)) }
    }
}
