extension JSONValue {
    /// Returns compact JSON text that keeps the order of members and the text of numbers.
    package func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        appendSerialized(to: &output)
        return output
    }

    package func appendSerialized(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): appendInteger(value, to: &output)
        case .number(let value): output.append(contentsOf: value.text.utf8)
        case .string(let value): appendQuoted(value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var first = true
            for element in elements {
                if !first { output.append(UInt8(ascii: ",")) }
                first = false
                element.appendSerialized(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object): object.appendSerialized(to: &output)
        }
    }
}

extension JSONObject {
    package func serialized() -> [UInt8] { JSONValue.object(self).serialized() }

    package func appendSerialized(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var first = true
        for (key, value) in members {
            if !first { output.append(UInt8(ascii: ",")) }
            first = false
            appendQuoted(key, to: &output)
            output.append(UInt8(ascii: ":"))
            value.appendSerialized(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

func appendInteger(_ value: Int64, to output: inout [UInt8]) {
    var magnitude = value.magnitude
    if magnitude < 10 {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        output.append(UInt8(ascii: "0") + UInt8(magnitude))
        return
    }
    if value < 0 { output.append(UInt8(ascii: "-")) }
    let start = output.count
    while magnitude > 0 {
        output.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
        magnitude /= 10
    }
    output[start...].reverse()
}

/// Appends the text in quotes, with the escapes of RFC 8785, section 3.2.2.2: the short ones, `\u00xx` in lower case
/// for other control characters, and everything else unchanged.
package func appendQuoted(_ text: String, to output: inout [UInt8]) {
    let bytes = text.utf8.span
    var escape = bytes.firstEscape(from: 0)
    output.append(addingCapacity: bytes.count + 2) { output in
        output.append(UInt8(ascii: "\""))
        append(bytes, 0..<escape, to: &output)
        if escape == bytes.count { output.append(UInt8(ascii: "\"")) }
    }
    guard escape < bytes.count else { return }
    while escape < bytes.count {
        appendEscaped(bytes[escape], to: &output)
        let plain = escape + 1
        escape = bytes.firstEscape(from: plain)
        guard escape > plain else { continue }
        output.append(addingCapacity: escape - plain) { output in
            append(bytes, plain..<escape, to: &output)
        }
    }
    output.append(UInt8(ascii: "\""))
}

@inline(__always)
private func append(
    _ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>
) {
    for index in range { output.append(bytes[index]) }
}

private let hexDigits = Array("0123456789abcdef".utf8)

private func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
    let short: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): short = byte
    case 0x08: short = UInt8(ascii: "b")
    case 0x09: short = UInt8(ascii: "t")
    case 0x0a: short = UInt8(ascii: "n")
    case 0x0c: short = UInt8(ascii: "f")
    case 0x0d: short = UInt8(ascii: "r")
    case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hexDigits[Int(byte >> 4)])
        output.append(hexDigits[Int(byte & 15)])
        return
    default:
        output.append(byte)
        return
    }
    output.append(UInt8(ascii: "\\"))
    output.append(short)
}
