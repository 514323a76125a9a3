import InterlockEgress

/// The one form in which a policy names a host (docs/specs/sandbox.md, section 7): read by the code with which the
/// egress proxy reads hosts, so that a rule means one host.
package struct CanonicalHost {
    /// A lower-case name without a final dot, a dotted quad, or an IPv6 address in brackets.
    package let text: String
    package let isAddress: Bool

    /// Returns nil if the text is not a host. A host in another form, such as upper case, gives its canonical form; an
    /// IPv6 address that ends in a dotted quad is refused.
    package init?(_ text: String) {
        let isBracketed = text.utf8.first == UInt8(ascii: "[")
        guard !isBracketed || !text.utf8.contains(UInt8(ascii: ".")),
            let host = try? EgressHost(text)
        else { return nil }
        self.text = host.description
        isAddress = !host.isName
    }
}
