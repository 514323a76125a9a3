import InterlockApprovals
import InterlockConfiguration
import InterlockJSON
import InterlockModel

/// Signs orders about people and sends them to the gateway.
struct PeopleClient {
    let gateway: GatewayClient
    private let deployment: Deployment
    private let invocation: Invocation

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        deployment = try Deployment.open(invocation)
        gateway = GatewayClient(deployment)
    }

    /// Signs an order with the current time and sends it to the gateway.
    func order(_ deed: PeopleOrder.Action, reason: String) throws(Failure) -> JSONValue {
        let order = try PersonSigner.order(deed, reason: reason, invocation, deployment)
        return try gateway.post("/v1/people/orders", order.envelope.json)
    }

    /// Returns the address at which a passkey is enrolled with an invitation's token, or nil without a console.
    func enrolment(_ token: String) -> String? {
        deployment.configuration.approvals.servedConsole?.link("/enrol/\(token)")
    }

    func trustFile() throws(Failure) -> AuthorizedKeys {
        try PersonSigner.trustFile(of: deployment)
    }
}

/// Returns the person whose address is the first argument.
func personArgument(_ invocation: Invocation) throws(Failure) -> Person {
    let text = invocation.positional[0]
    guard let person = Person(text) else {
        throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is no e-mail address")
    }
    return person
}

/// Returns every role that an option names.
func namedRoles(_ option: String, _ invocation: Invocation) throws(Failure) -> Set<Role> {
    Set(try invocation.all(option).map { name throws(Failure) in try Role.named(name) })
}

/// Returns the roles as text, such as `kill, resume`.
func roleText(_ roles: JSONValue?) -> String {
    let names = (roles?.array ?? []).compactMap(\.string)
    return names.isEmpty ? "none: voting needs none" : names.joined(separator: ", ")
}

extension Role {
    /// - Throws: exit 64 if the word is not a role.
    static func named(_ word: String) throws(Failure) -> Role {
        guard let role = Role(rawValue: word) else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(word))` is no role",
                help: "roles: " + Role.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return role
    }
}
