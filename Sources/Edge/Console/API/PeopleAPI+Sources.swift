import InterlockGateway

extension PeopleAPI {
    /// - Throws: `notRead` where this console is shown without that part.
    func part<Part>(
        _ part: Part?, of whole: StaticString = "gateway"
    ) throws(Problem) -> Part {
        guard let part else {
            throw Problem(.notRead, "there is no \(whole) behind this console")
        }
        return part
    }

    func sight(_ call: APICall) throws(Problem) -> Sight {
        sources.sight(try call.person().person)
    }

    func reader(_ call: APICall) throws(Problem) -> EvidenceReader {
        EvidenceReader(sight: try sight(call), pseudonym: try call.person().pseudonym)
    }
}
