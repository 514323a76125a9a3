/// The network extension: addresses and networks as values. `ip` and `cidr` parse text; `containsIP` and
/// `containsCIDR` accept it as an argument.
enum CELNetworkFunctions {
    static let all: [CELFunction] = makers + ofAddress + ofNetwork

    private static let makers: [CELFunction] = [
        fromText("ip", .ip) { text throws(CELFault) in .ip(try CELAddress(text: text)) },
        fromText("cidr", .cidr) { text throws(CELFault) in .cidr(try CELNetwork(text: text)) },
        fromText("isIP", .bool) { .bool((try? CELAddress(text: $0)) != nil) },
        fromText("isCIDR", .bool) { .bool((try? CELNetwork(text: $0)) != nil) },
        // True if the text is the canonical spelling of RFC 5952.
        fromText("ip.isCanonical", .bool) { text throws(CELFault) in
            .bool(try CELAddress(text: text).text.utf8.elementsEqual(text.utf8))
        },
    ]

    private static let ofAddress: [CELFunction] = [
        property("family", .int) { .int($0.family) },
        property("isUnspecified") { .bool($0.isUnspecified) },
        property("isLoopback") { .bool($0.isLoopback) },
        property("isGlobalUnicast") { .bool($0.isGlobalUnicast) },
        property("isLinkLocalUnicast") { .bool($0.isLinkLocalUnicast) },
        property("isLinkLocalMulticast") { .bool($0.isLinkLocalMulticast) },
    ]

    private static let ofNetwork: [CELFunction] = [
        networkProperty("ip", .ip) { .ip($0.address) },
        networkProperty("masked", .cidr) { .cidr($0.masked) },
        networkProperty("prefixLength", .int) { .int(Int64($0.prefix)) },
        CELFunction(
            ofTwo: "containsIP", isMember: true,
            [CELOverload([.cidr, .ip], .bool), CELOverload([.cidr, .string], .bool)]
        ) { network, other, budget throws(CELFault) in
            let network = try network.cidr()
            switch other {
            case .ip(let address): return .bool(network.contains(address))
            case .string(let text):
                try budget.spend(bytes: text.utf8.count)
                return .bool(network.contains(try CELAddress(text: text)))
            default: throw other.noOverload
            }
        },
        CELFunction(
            ofTwo: "containsCIDR", isMember: true,
            [CELOverload([.cidr, .cidr], .bool), CELOverload([.cidr, .string], .bool)]
        ) { network, other, budget throws(CELFault) in
            let network = try network.cidr()
            switch other {
            case .cidr(let inner): return .bool(network.contains(inner))
            case .string(let text):
                try budget.spend(bytes: text.utf8.count)
                return .bool(network.contains(try CELNetwork(text: text)))
            default: throw other.noOverload
            }
        },
    ]

    private static func fromText(
        _ name: String, _ result: CELType,
        _ body: @escaping @Sendable (String) throws(CELFault) -> CELValue
    ) -> CELFunction {
        CELFunction(ofOne: name, [CELOverload([.string], result)]) {
            value, budget throws(CELFault) in
            let text = try value.string()
            try budget.spend(bytes: text.utf8.count)
            return try body(text)
        }
    }

    private static func property(
        _ name: String, _ result: CELType = .bool,
        _ body: @escaping @Sendable (CELAddress) -> CELValue
    ) -> CELFunction {
        CELFunction(ofOne: name, isMember: true, [CELOverload([.ip], result)]) {
            value, _ throws(CELFault) in body(try value.ip())
        }
    }

    private static func networkProperty(
        _ name: String, _ result: CELType, _ body: @escaping @Sendable (CELNetwork) -> CELValue
    ) -> CELFunction {
        CELFunction(ofOne: name, isMember: true, [CELOverload([.cidr], result)]) {
            value, _ throws(CELFault) in body(try value.cidr())
        }
    }
}
