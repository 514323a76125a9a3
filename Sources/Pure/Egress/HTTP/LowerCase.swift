extension Sequence<UInt8> {
    /// The bytes with the letters of ASCII in lower case, as names of fields are compared (RFC 9110, section 5.1).
    var lowerCased: [UInt8] { map { (65...90).contains($0) ? $0 | 32 : $0 } }
}
