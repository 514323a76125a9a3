import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations on drills of the kill switch: their reports, the start of one, and the sign-off of a report.
    static let drills: [Operation] = [
        Operation(
            name: "listDrillReports", method: .get, path: "/drills",
            summary: "The reports of drills, the newest first.",
            answer: .record(
                "Drills", .init("drills", .list(of: ListedDrill.self, 0...100_000), "Newest first.")
            ),
            problems: [.notRead],
            handler: .reading { api, _ throws(Problem) in
                let drills = try api.part(api.sources.drills)
                do throws(StoreFailure) {
                    return ["drills": .array(try drills.listed().map(ListedDrill.form.json))]
                } catch { throw Problem(.notRead, error.reason) }
            }),
        Operation(
            name: "startDrill", method: .post, path: "/drills",
            summary:
                "Starts a drill, in which canaries are stopped and nothing else. Only for the role "
                + "`security` and owners of the policy.",
            body: .record("DrillRequest"),
            answer: .record(
                "DrillStarted",
                .init("state", .choice(["started"]), "The report is listed when it has ended.")),
            problems: [.notEligible, .notRead, .tooMany],
            handler: .answer { api, call throws(Problem) in try api.startDrill(call) }),
        Operation(
            name: "draftDrillSignOff", method: .post, path: "/drills/{drill}/draft",
            summary: "The bytes of a report, for the passkey of the signed-in person to sign and "
                + "`signDrillReport` to take.",
            body: .record("DrillDraftRequest"), answer: OrderDraft.form.shape,
            problems: [.notEligible, .notRead, .noSuchOrder, .notRecorded],
            handler: .answer { api, call throws(Problem) in try api.draftDrill(call) }),
        Operation(
            name: "signDrillReport", method: .post, path: "/drills/sign-off",
            summary: "Takes one signature under a report: a DSSE envelope of "
                + "`\(PayloadType.drill.text)`.",
            body: signed("DrillEnvelope", .drill, of: "report"), isSigned: true,
            answer: ListedDrill.form.shape,
            problems: [
                .badSignature, .badAssertion, .notEligible, .notRecorded, .notRead, .noSuchOrder,
            ],
            handler: .answer { api, call throws(Problem) in try await api.signDrill(call) }),
    ]
}

extension ListedDrill: ResponseRecord {
    static let form = ResponseSchema<ListedDrill>(
        "Drill",
        .init("id", .text(.id), "Of the report.") { $0.report.id.text },
        .init("variant", .choice(of: DrillVariant.self), "What was rehearsed.") {
            $0.report.variant.rawValue
        },
        .init("ended", .text(.time), "When.") { $0.report.ended },
        .init("passed", .truth, "By its own facts.") { $0.report.passed },
        .init(
            "signed", .list(.text(.plain(1...254)), count: 0...Envelope.mostSignatures),
            "Who has signed it."
        ) { $0.signers.map(\.address) },
        .init("signed_off", .truth, "By the role `security` or an owner of the policy.") {
            $0.isSignedOff
        })
}

extension OperationServices {
    fileprivate func startDrill(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (drills, author) = (try part(sources.drills), try call.person().pseudonym)
        guard orders?.people?.trust.person(author).map(drills.maySign) == true else {
            throw Problem(
                .notEligible, "it takes the role `security`, or an owner of the policy")
        }
        guard drills.start(.standard, by: author.text) else {
            throw Problem(.tooMany, "a drill is under way")
        }
        return ["state": "started"]
    }

    fileprivate func draftDrill(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (drills, author) = (try part(sources.drills), try call.person().pseudonym)
        guard let id = call.places["drill"].flatMap({ OrderID($0) }) else {
            throw Problem(.noSuchOrder, "there is no such drill")
        }
        return try drafted(Problem.init(_:)) { () throws(OrderRefusal) in
            try drills.draft(id, by: author)
        }
    }

    fileprivate func signDrill(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (drills, envelope) = (try part(sources.drills), try call.envelope())
        do throws(OrderRefusal) {
            return ListedDrill.form.json(drills.listed(try await drills.sign(envelope)))
        } catch { throw Problem(error) }
    }
}
