import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations on a person's own sessions.
    static let sessions: [Operation] = [
        Operation(
            name: "listSessions", method: .get, path: "/sessions",
            summary: "The live sessions of the signed-in person, the last used first.",
            answer: .record(
                "Sessions",
                .init(
                    "sessions", .list(of: OwnSession.self, 0...1000), "One is that of the caller.")
            ), problems: [.notRead],
            handler: .answer { api, call throws(Problem) in
                let session = try call.person()
                let live = await api.sessions?.liveSessions(of: session.pseudonym)
                guard let live else { throw Problem(.notRead, "the sessions cannot be read now") }
                return [
                    "sessions": .array(
                        live.map {
                            OwnSession.form.json(OwnSession(session: $0, own: session.id))
                        })
                ]
            }),
        Operation(
            name: "endOtherSessions", method: .post, path: "/sessions/end-others",
            summary: "Ends every session of the signed-in person but that of the caller.",
            body: .record("EndOthersRequest"),
            answer: .record("EndedSessions", .init("ended", .count, "How many.")),
            problems: [.notKept, .notRead],
            handler: .answer { api, call throws(Problem) in
                let session = try call.person()
                guard let sessions = api.sessions else {
                    throw Problem(.notRead, "there are no sessions here")
                }
                do throws(StoreFailure) {
                    return ["ended": .integer(Int64(try await sessions.endOthers(than: session)))]
                } catch {
                    throw Problem(.notKept, "a session may not have ended: \(error.reason)")
                }
            }),
    ]
}

/// A session of the caller's person.
private struct OwnSession: ResponseRecord {
    let session: LiveSession
    /// The id of the caller's session.
    let own: Digest?

    static let form = ResponseSchema<OwnSession>(
        "LiveSession",
        .init("current", .truth, "That of the caller.") { $0.session.id == $0.own },
        .init("passkey", .text(.plain(1...1400)), "With which it began.") {
            $0.session.credential.text
        },
        .init("began", .text(.time), "When.") { $0.session.began },
        .init("used", .text(.time), "The last time.") { $0.session.seen },
        .init("ends", .text(.time), "Unless it is used again.") { $0.session.ends })
}
