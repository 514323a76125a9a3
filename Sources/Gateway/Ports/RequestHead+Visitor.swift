extension RequestHead {
    /// The key by which attempts to sign in or to enrol are counted: the last address of the last `X-Forwarded-For`,
    /// which the proxy before the people plane writes itself, whatever its client sent. Is nil without that header,
    /// because then the request comes from the gateway's own machine. The address is not validated: an invalid one
    /// counts as a visitor of its own.
    package var visitor: String? {
        let last = headers.last { $0.name == "x-forwarded-for" }?.value.split(separator: ",").last
        guard let address = last.map({ $0.drop { $0 == " " || $0 == "\t" } })?.prefix(64) else {
            return nil
        }
        return String(address)
    }
}
