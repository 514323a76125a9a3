import InterlockKeys
import InterlockModel

/// `state/kill/` at start: the halts in force and who may change them.
struct HaltSetup {
    struct Loaded {
        let book: HaltBook
        let trust: TrustFile?
        let judge: OrderJudge
        let folder: HaltFolder
        let faults: [String]
    }

    private let folder: HaltFolder
    private let key: PublicKey
    private let org: String

    init(_ deployment: Deployment, _ keys: NodeKeys, org: String) {
        folder = HaltFolder(
            path: deployment.kill, org: org,
            node: LedgerSetup.node(of: deployment.configuration.ledger.origin), key: keys.log)
        key = keys.log.publicKey
        self.org = org
    }

    /// Never fails: not knowing means stopped.
    func load() -> Loaded {
        let loaded = folder.load(newDeployment: false)
        for fault in loaded.faults { log("halted: \(fault.reason)") }
        return Loaded(
            book: loaded.book, trust: loaded.trust,
            judge: OrderJudge(
                trust: loaded.trust ?? emptyTrust, verifier: OpenSSLVerifier(), ownKey: key),
            folder: folder, faults: loaded.faults.map { $0.file ?? "state/kill" })
    }

    func create(_ trust: TrustFile) throws(Failure) {
        do throws(KeyFailure) { try folder.create(trust: trust) } catch {
            throw Failure(.cannotCreate, error.reason, help: error.help)
        }
    }

    /// Nobody can sign anything while the trust file cannot be read.
    private var emptyTrust: TrustFile { .nobody(org: org) }
}
