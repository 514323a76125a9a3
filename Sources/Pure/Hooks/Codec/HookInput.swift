import InterlockJSON

/// The object that a host sent, read member by member. Members that no reader takes become the details of the event.
struct HookInput {
    private let object: JSONObject
    private var taken: Set<ExactText> = []

    init(_ bytes: [UInt8]) throws(HookInputError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: HookLimits.input)
        } catch { throw .json(error) }
        guard let object = value.object else { throw .notObject }
        self.object = object
    }

    /// Returns the member without taking it, or nil if it is missing or null.
    func value(_ key: String) -> JSONValue? {
        guard let value = object[key] else { return nil }
        if case .null = value { return nil }
        return value
    }

    /// Takes a text that may be missing, null or empty.
    mutating func text(
        _ key: String, longest: Int = HookLimits.name
    ) throws(HookInputError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string, text.utf8.count <= longest else {
            throw .badMember(key, "text of at most \(longest) bytes")
        }
        taken.insert(key)
        return text.isEmpty ? nil : text
    }

    mutating func required(
        _ key: String, longest: Int = HookLimits.name
    ) throws(HookInputError) -> String {
        guard let text = try text(key, longest: longest) else { throw .missingMember(key) }
        return text
    }

    /// Takes the name of the event, which must agree with the command line if both say one.
    mutating func eventName(_ key: String, named: String?) throws(HookInputError) -> String {
        guard let name = try text(key) else {
            guard let named else { throw .missingEvent }
            return named
        }
        guard named.map({ sameBytes($0, name) }) ?? true else { throw .otherEvent }
        return name
    }

    /// Takes the arguments of a tool: an object, or a JSON string that contains one.
    mutating func arguments(_ key: String) throws(HookInputError) -> JSONObject? {
        guard let value = value(key) else { return nil }
        let object: JSONObject?
        if let text = value.string {
            do throws(JSONError) {
                object = try JSONValue(parsing: Array(text.utf8), limits: HookLimits.input).object
            } catch { throw .badMember(key, "an object, or a JSON string of one") }
        } else {
            object = value.object
        }
        guard let object else { throw .badMember(key, "an object, or a JSON string of one") }
        guard !JSONValue.object(object).hasLargeInteger else {
            throw .badMember(key, "without integers beyond 2^53-1")
        }
        taken.insert(key)
        return object
    }

    /// The members that were not taken, in their order.
    var rest: JSONObject {
        JSONObject(distinct: object.members.filter { !taken.contains($0.key) })
    }
}

extension JSONValue {
    /// Is true if a number is spelled as an integer that JSON programs may round: two calls that differ in it would
    /// have one canonical form.
    var hasLargeInteger: Bool {
        switch self {
        case .number(let number):
            !number.text.utf8.contains { ".eE".utf8.contains($0) } && number.text != "-0"
        case .array(let items): items.contains(where: \.hasLargeInteger)
        case .object(let object): object.members.contains { $0.value.hasLargeInteger }
        case .null, .bool, .integer, .string: false
        }
    }
}
