import InterlockModel

/// The escapes of a query (RFC 3986, section 2.1), with `+` for a space as forms write it.
enum PercentEscapes {
    /// Returns the bytes with all escapes decoded. They need not be UTF-8.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let byte = PercentCode.byte(bytes, index) {
                output.append(byte)
                index += 3
            } else {
                let byte = bytes[index]
                output.append(byte == UInt8(ascii: "+") ? FoldedText.space : byte)
                index += 1
            }
        }
        return output
    }
}
