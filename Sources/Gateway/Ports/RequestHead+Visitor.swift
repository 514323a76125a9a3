extension RequestHead {
    /// Whose tries to sign in or to enrol count together: the last address of the last `X-Forwarded-For`, which is
    /// what the proxy before the people plane has written itself, whatever its client sent; nil where there is
    /// none, since then it is somebody on the gateway's own machine. No address is checked: what is none is a
    /// visitor of its own.
    package var visitor: String? {
        let last = headers.last { $0.name == "x-forwarded-for" }?.value.split(separator: ",").last
        guard let address = last.map({ $0.drop { $0 == " " || $0 == "\t" } })?.prefix(64) else {
            return nil
        }
        return String(address)
    }
}
