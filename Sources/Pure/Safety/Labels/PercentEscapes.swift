import InterlockModel

/// The escapes of a query, with `+` for a space as forms write it.
enum PercentEscapes {
    /// Returns the bytes with all escapes decoded. They need not be UTF-8.
    static func decoded(_ escaped: ArraySlice<UInt8>) -> [UInt8] {
        let bytes = Array(escaped)
        var output: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if let byte = PercentCode.byte(bytes, place) {
                output.append(byte)
                place += 3
            } else {
                let isSpace = bytes[place] == UInt8(ascii: "+")
                output.append(isSpace ? FoldedText.space : bytes[place])
                place += 1
            }
        }
        return output
    }
}
