import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockLedger
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    static let pageSize = LogPage.size

    func audit(
        _ route: AuditRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let records = sources.records else { return absent(session) }
        let reader = reader(session)
        do throws(EvidenceRefusal) {
            switch route {
            case .search, .tail:
                return try await searchPage(
                    records, query, reader, session, isTail: route == .tail)
            case .archive:
                guard let form = Self.form(query) else { return malformed(session) }
                return .file(try await records.proofs(of: form.query, for: reader))
            case .record(let index):
                return try await recordPage(index, records, reader, session)
            case .check(let index): return try await check(index, records, reader, body, session)
            case .leaf(let index):
                return .file(try await records.proof(of: index, .leaf, for: reader))
            case .proof(let index):
                return .file(try await records.proof(of: index, .proof, for: reader))
            }
        } catch {
            return problem(error, session)
        }
    }

    private func recordPage(
        _ index: UInt64, _ records: any RecordQueries, _ reader: EvidenceReader,
        _ session: PersonSession, status: Int = 200, refusal: String? = nil
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        let view = try await records.record(at: index, for: reader)
        let page = RecordPage(
            view: view, checked: clock.wall, isRule: isRule(for: session),
            outcome: sources.outcomes.flatMap { outcomes in
                OutcomeCard(
                    view, reader: reader.visibility, formToken: session.formToken,
                    refusal: refusal, name: outcomes.name)
            }, policy: sources.policy)
        return Page(
            title: page.title, section: .audit, viewer: session, header: page.header,
            readsLog: true
        ) { page.content }.response(status, frame)
    }

    /// Records a person's finding about an unknown outcome.
    private func check(
        _ index: UInt64, _ records: any RecordQueries, _ reader: EvidenceReader, _ body: [UInt8],
        _ session: PersonSession
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let outcomes = sources.outcomes else { return absent(session) }
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let finding = OutcomeFinding(rawValue: form["found"]) else {
            return try await recordPage(
                index, records, reader, session, status: 422, refusal: "say what you found")
        }
        let refusal: OutcomeRefusal
        do throws(OutcomeRefusal) {
            _ = try await outcomes.check(
                index, finding, comment: form["comment"], by: session.pseudonym,
                with: reader.visibility)
            return .seeOther(Link("audit", String(index)))
        } catch { refusal = error }
        if refusal == .missing { throw .noSuchRecord }
        if case .notRead(let cause) = refusal { throw cause }
        return try await recordPage(
            index, records, reader, session, status: refusal.kind.status,
            refusal: refusal.sentence)
    }

    private func searchPage(
        _ records: any RecordQueries, _ query: String?, _ reader: EvidenceReader,
        _ session: PersonSession, isTail: Bool
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let fields = FormFields.parse(query ?? "") else { return malformed(session) }
        let form: QueryForm
        do throws(QueryFault) { form = try QueryForm(fields, hidesViews: true) } catch {
            let header = PageHeader(
                "Audit log",
                StatusBadge(.attention, "Nothing searched", from: "The search is malformed."))
            return Page(
                title: "Error: Audit log", section: .audit, viewer: session, header: header
            ) {
                SearchForm(text: SearchTerms.typed(fields), fault: error.sentence).html
            }.response(400, frame)
        }
        let found =
            isTail
            ? try await records.follow(form.query, limit: Self.pageSize, for: reader)
            : try await records.search(
                form.query, before: form.before, limit: Self.pageSize, for: reader)
        let page = AuditPage(
            form: form, found: found, today: clock.wall.day,
            seesViews: reader.visibility.readsAll,
            readsSome: reader.visibility.readsSome,
            isTail: isTail)
        return Page(
            title: "Audit log", section: .audit, viewer: session, header: page.header,
            readsLog: true
        ) {
            page.content
        }.response(200, frame)
    }

    private static func form(_ query: String?) -> QueryForm? {
        guard let fields = FormFields.parse(query ?? "") else { return nil }
        return try? QueryForm(fields)
    }

    func reader(_ session: PersonSession) -> EvidenceReader {
        EvidenceReader(visibility: sources.visibility(session.person), pseudonym: session.pseudonym)
    }

    /// Returns the reason the evidence is not shown.
    func problem(_ refusal: EvidenceRefusal, _ session: PersonSession) -> HTTPResponse {
        switch refusal {
        case .noSuchRecord, .noSuchRun:
            problem(
                404, "Record or run not found, or no access", viewer: session)
        case .busy:
            problem(
                503, "Too much of the log is read at once. Try again.", viewer: session,
                ("retry-after", "2"))
        case .tooMany(let wait):
            problem(
                429, "You read too much of the log at once. Try again.", viewer: session,
                ("retry-after", wait.retryAfter))
        case .tooLarge(let what):
            problem(413, "That is too much at once: \(what).", viewer: session)
        case .unreadable(let why):
            problem(503, "Nothing is shown: \(SafeLine.text(why)).", viewer: session)
        case .notRecorded(let code):
            problem(
                503,
                "Nothing is shown, because the view cannot be recorded (\(SafeLine.text(code))).",
                viewer: session)
        }
    }
}
