import InterlockModel

/// Conversion of bytes to base64 text and back (RFC 4648, section 4).
enum CELEncoderFunctions {
    static let all: [CELFunction] = [
        CELFunction(ofOne: "base64.encode", [CELOverload([.bytes], .string)]) {
            value, budget throws(CELFault) in
            let bytes = try value.bytes()
            try budget.spend(bytes: bytes.count)
            return .string(Base64.encode(bytes))
        },
        CELFunction(ofOne: "base64.decode", [CELOverload([.string], .bytes)]) {
            value, budget throws(CELFault) in
            let text = try value.string()
            try budget.spend(bytes: text.utf8.count)
            // The padding may be omitted entirely, but not in part.
            let missing = text.utf8.last == UInt8(ascii: "=") ? 0 : (4 - text.utf8.count % 4) % 4
            guard let bytes = Base64.decode(text + String(repeating: "=", count: missing)) else {
                throw CELFault(.conversion)
            }
            return .bytes(bytes)
        },
    ]
}
