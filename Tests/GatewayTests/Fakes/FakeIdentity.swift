import InterlockGateway
import InterlockKeys
import InterlockModel

/// The bearer says who calls: `agent`, `agent#2` for its second run, `agent#2+a@b.example` for a run on
/// somebody's behalf.
struct NameAuthenticator: Authenticator {
    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer else { throw .missing }
        let parts = bearer.split(separator: "+", maxSplits: 1).map(String.init)
        let names = parts[0].split(separator: "#", maxSplits: 1).map(String.init)
        guard let agent = AgentName(names[0]) else { throw .malformed }
        return Principal(
            agent: agent, run: Self.run(of: parts[0]), purpose: "test",
            onBehalfOf: parts.count > 1 ? Person(parts[1]) : nil, credential: "jti",
            expires: now + .seconds(60))
    }

    static func run(of bearer: String) -> RunID {
        RunID(
            milliseconds: 1_795_000_000_000,
            random: Array(OpenSSLHashing().sha256(Array(bearer.utf8)).bytes.prefix(10)))
    }
}

/// One stage for all, as the trust record would give it.
struct FixedStages: TrustStages {
    let number: Int
    func stage(of agent: AgentName) -> TrustStage { TrustStage(number) ?? .lowest }
}

/// As the real ones in form, without a secret.
struct PlainPseudonyms: Pseudonyms {
    func pseudonym(of person: Person) -> Pseudonym {
        let hash = OpenSSLHashing().sha256(Array(person.address.utf8)).bytes
        return Pseudonym(text: Base64.encode(Array(hash.prefix(16))))
    }
}
