import InterlockSafety

extension ZlibInflater {
    /// Unpacks raw deflate data (RFC 1951), as zip archives have them.
    ///
    /// - Returns: nil unless the data are whole and unpack to at most `most` bytes.
    package func whole(_ packed: ArraySlice<UInt8>, most: Int) -> [UInt8]? {
        let bytes = Array(packed)
        var output: [UInt8] = []
        let end = inflate(bytes.span, .deflate, most: most, to: &output)
        return end == .whole ? output : nil
    }
}
