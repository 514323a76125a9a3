import InterlockAdministration

extension OperationServices {
    /// - Throws: `notRead` if the part is nil.
    func part<Part>(
        _ part: Part?, of whole: StaticString = "gateway"
    ) throws(Problem) -> Part {
        guard let part else {
            throw Problem(.notRead, "there is no \(whole) behind this console")
        }
        return part
    }

    func sight(_ call: some APIRequestContext) throws(Problem) -> Visibility {
        switch try call.asker() {
        case .person(let session): sources.sight(session.person)
        case .service(let service): Visibility(of: service)
        case .commandLine(let person, _): Visibility(operator: person)
        }
    }

    func reader(_ call: some APIRequestContext) throws(Problem) -> EvidenceReader {
        switch try call.asker() {
        case .person(let session):
            EvidenceReader(sight: sources.sight(session.person), pseudonym: session.pseudonym)
        case .service(let service): EvidenceReader(service)
        case .commandLine: throw Problem(.notEligible, "the command line reads the log itself")
        }
    }
}
