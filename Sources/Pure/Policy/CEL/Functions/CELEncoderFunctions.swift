import InterlockModel

/// Bytes as text, in base64 of RFC 4648, section 4.
enum CELEncoderFunctions {
    static let all: [CELFunction] = [
        .function("base64.encode", [CELOverload([.bytes], .string)]) {
            arguments, budget throws(CELFault) in
            let bytes = try arguments.bytes(0)
            try budget.spend(bytes: bytes.count)
            return .string(Base64.encode(bytes))
        },
        .function("base64.decode", [CELOverload([.string], .bytes)]) {
            arguments, budget throws(CELFault) in
            let text = try arguments.text(0)
            try budget.spend(bytes: text.utf8.count)
            // The padding may be left out, but not a part of it.
            let missing = text.utf8.last == UInt8(ascii: "=") ? 0 : (4 - text.utf8.count % 4) % 4
            guard let bytes = Base64.decode(text + String(repeating: "=", count: missing)) else {
                throw CELFault(.conversion)
            }
            return .bytes(bytes)
        },
    ]
}
