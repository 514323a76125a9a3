import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// The sessions of coding agents. Access is recorded before a response is sent.
    static let hosts: [Operation] = [
        Operation(
            name: "listHostSessions", method: .get, path: "/host-sessions",
            summary: "Sessions of coding agents, the newest event first, with the state of their "
                + "hooks.",
            query: HostsForm.members, answer: HostSessionListing.form.shape, problems: fromLog,
            handler: .reading { api, call throws(Problem) in
                let form: HostsForm
                do throws(QueryFault) { form = try HostsForm(call.texts) } catch {
                    throw Problem(error)
                }
                return try await api.read(\.hosts, call) { log, reader throws(EvidenceRefusal) in
                    try await log.sessions(form.query, before: form.before, for: reader)
                }.inResponse
            })
    ]
}
