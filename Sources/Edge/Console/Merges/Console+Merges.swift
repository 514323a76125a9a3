import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func mergePage(
        _ route: MergesRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let records = sources.records else { return absent(session) }
        let listing = listing(for: session)
        func person(_ pseudonym: Pseudonym) -> Person? { listing?.person(pseudonym)?.person }
        do throws(EvidenceRefusal) {
            switch route {
            case .list:
                guard let fields = FormFields.parse(query ?? ""),
                    fields.keys.allSatisfy({ $0 == "before" })
                else { return malformed(session) }
                let before = fields["before"].map { UInt64($0) }
                if case .some(nil) = before { return malformed(session) }
                let page = MergesPage(
                    found: MergeCheckListing(
                        try await records.search(
                            MergeCheckListing.query, before: before ?? nil, limit: Self.pageSize,
                            for: reader(session))),
                    isFirst: before == nil, person: person)
                return Page(
                    title: MergesPage.title, section: .audit, viewer: session, header: page.header,
                    readsLog: true
                ) { page.content }.response(200, frame)
            case .check(let index):
                let found = try await records.record(at: index, for: reader(session))
                guard let check = MergeCheck(found) else { throw EvidenceRefusal.noSuchRecord }
                let page = MergePage(check: check, person: person)
                return Page(
                    title: page.title, section: .audit, viewer: session, header: page.header,
                    readsLog: true
                ) { page.content }.response(200, frame)
            }
        } catch {
            return problem(error, session)
        }
    }
}
