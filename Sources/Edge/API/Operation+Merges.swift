import InterlockAdministration
import InterlockChangeReview
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations of `interlock provenance`, and its recorded answers for people.
    static let merges: [Operation] = [
        Operation(
            name: "listMergeChecks", method: .get, path: "/merge-checks",
            summary: "Checks of commits before merges, the newest first.",
            query: [.maybe("before", .text(.plain(1...20)), "`next` of the page before.")],
            answer: MergeCheckListing.form.shape, problems: fromLog,
            handler: .reading { api, call throws(Problem) in
                let before = call.query["before"]?.string
                guard before.map({ UInt64($0) != nil }) ?? true else {
                    throw Problem(.malformed, "`before` takes `next` of the page before")
                }
                return MergeCheckListing.form.json(
                    MergeCheckListing(
                        try await api.read(\.records, call) {
                            log, reader throws(EvidenceRefusal) in
                            try await log.search(
                                MergeCheckListing.query, before: before.flatMap { UInt64($0) },
                                limit: LogPage.size, for: reader)
                        }))
            }),
        Operation(
            name: "getMergeCheck", method: .get, path: "/merge-checks/{index}",
            summary: "One check of commits before a merge, with what it found.",
            answer: MergeCheck.form.shape, problems: fromLog + [.noSuchRecord],
            handler: .reading { api, call throws(Problem) in
                let index = try call.index()
                let found = try await api.read(\.records, call) {
                    log, reader throws(EvidenceRefusal) in
                    try await log.record(at: index, for: reader)
                }
                guard let check = MergeCheck(found) else {
                    throw Problem(.noSuchRecord, "\(EvidenceRefusal.noSuchRecord)")
                }
                return MergeCheck.form.json(check)
            }),
        Operation(
            name: "getReviewCapacity", method: .get, path: "/review-capacity",
            summary: "The review of changes by agents, for each repository and reviewer: all for "
                + "the role `security`, and for others their own.",
            query: [
                .maybe("days", .whole(1...MergeCheckService.mostDays), "The period; 30 if omitted.")
            ],
            answer: ReviewCapacityReport.form.shape, problems: [.notRead, .notEligible],
            isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.reviewCapacity(call) }),
        Operation(
            name: "findWrittenContents", method: .post, path: "/merges/contents",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.findContents(call) }),
        Operation(
            name: "readMergeFacts", method: .post, path: "/merges/facts",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.readMergeFacts(call) }),
        Operation(
            name: "recordMergeCheck", method: .post, path: "/merges",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.recordMergeCheck(call) }),
    ]
}

extension OperationServices {
    fileprivate func findContents(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.merges)
        let request = try call.stated(WrittenContentsRequest.init)
        do throws(MergeCheckRefusal) { return try await service.contents(request) } catch {
            throw Problem(error)
        }
    }

    fileprivate func readMergeFacts(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.merges)
        let request = try call.stated(MergeFactsRequest.init)
        do throws(MergeCheckRefusal) { return try await service.facts(of: request) } catch {
            throw Problem(error)
        }
    }

    /// Figures about a reviewer are for that person and for those who review, in no order of merit.
    fileprivate func reviewCapacity(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.merges)
        let visibility = try self.visibility(call)
        guard visibility.readsAll || visibility.person != nil else {
            throw Problem(.notEligible, "this is for people")
        }
        let days = call.query["days"]?.integer ?? 30
        do throws(MergeCheckRefusal) {
            return ReviewCapacityReport.form.json(
                try await service.capacity(
                    days: days, for: visibility.readsAll ? nil : visibility.person))
        } catch { throw Problem(error) }
    }

    fileprivate func recordMergeCheck(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.merges)
        let request = try call.stated(MergeCheckedRequest.init)
        do throws(MergeCheckRefusal) {
            return ["record": .string(try await service.record(request).hex)]
        } catch { throw Problem(error) }
    }
}

extension Problem {
    fileprivate init(_ refusal: MergeCheckRefusal) {
        switch refusal {
        case .busy: self.init(.tooMany, "\(refusal)")
        case .notRead: self.init(.notRead, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        }
    }
}
