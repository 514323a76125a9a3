import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCEL

extension CELValue {
    /// The value under one key that names its kind; numbers as text, because JSON has fewer of them.
    var tagged: JSONValue {
        switch self {
        case .null: ["null": true]
        case .bool(let value): ["bool": .bool(value)]
        case .int(let value): ["int": .string(String(value))]
        case .uint(let value): ["uint": .string(String(value))]
        case .double(let value): ["double": .string(String(value))]
        case .string(let value): ["string": .string(value)]
        case .bytes(let value): ["bytes": .array(value.map { .integer(Int64($0)) })]
        case .list(let list):
            ["list": .array((0..<list.count).map { list[$0].tagged })]
        case .map(.entries(let entries)):
            ["map": .array(entries.map { [$0.key.tagged, $0.value.tagged] })]
        case .map(.json(let object)):
            [
                "map": .array(
                    object.members.map { [["string": .string($0.key)], CELValue($0.value).tagged] })
            ]
        case .type(let name): ["type": .string(name.name)]
        case .duration(let value):
            ["duration": .string(microseconds(value.seconds, value.nanoseconds))]
        case .timestamp(let value):
            ["timestamp": .string(microseconds(value.seconds, value.nanoseconds))]
        case .optional(let optional):
            ["optional": optional.value.map { [$0.tagged] } ?? []]
        case .ip(let address): ["ip": .string(address.text)]
        case .cidr(let network): ["cidr": .string(network.text)]
        }
    }

    /// The time in microseconds, the resolution of the other engine.
    private func microseconds(_ seconds: Int64, _ nanoseconds: Int32) -> String {
        String(Int128(seconds) * 1_000_000 + Int128(nanoseconds / 1000))
    }
}
