/// The signed statements of an evidence pack: results of tests and evals, promotions, reviews and drills.
struct PackStatements {
    /// The results of tests by id.
    private(set) var release: [Octets: Bool]?
    private(set) var deployment: [Octets: Bool]?
    /// The record of the self-test whose results `deployment` are, and the time that they state of it.
    private(set) var selfTest: (index: UInt64, leaf: Digest, at: UInt64)?
    /// The build that the tests of the release ran on.
    private(set) var build: Octets?
    /// The ids of the reviews.
    private(set) var reviews: Set<Octets> = []
    /// Those that signed the results of the release, each with a file that it signed.
    private(set) var releaseSigners: [PackSigner: String] = [:]
    /// Those that signed what people sign: promotions and reviews.
    private(set) var people: [PackSigner: String] = [:]
    /// Those that signed all other files.
    private(set) var signers: [PackSigner: String] = [:]

    static let folders = ["evals", "trust", "reviews", "drills"]
    static let releaseName = "tests/release.json"
    static let deploymentName = "tests/deployment.json"

    /// - Parameter enrolled: the credentials that records of the pack enrol.
    init(_ files: PackFiles, _ enrolled: Set<PackSigner>) throws(PackFault) {
        for folder in PackStatements.folders {
            for name in files.names(in: folder) {
                let envelope = try read(name, files)
                guard folder == "reviews" else { continue }
                guard let fields = try? JSONObject(envelope.payload, .canonical),
                    let id = fields.text("review"), reviews.insert(id).inserted
                else { throw .file(name, "it is no review, or the second one of its id") }
            }
        }
        try PackSigner.check(people, enrolled)
        if files.has(PackStatements.releaseName) {
            let fields = try results(PackStatements.releaseName, files)
            release = try tests(PackStatements.releaseName, fields)
            guard let build = fields.text("build") else {
                throw .file(PackStatements.releaseName, "it names no build")
            }
            self.build = build
        }
        if files.has(PackStatements.deploymentName) {
            let fields = try results(PackStatements.deploymentName, files)
            deployment = try tests(PackStatements.deploymentName, fields)
            guard let index = PackForm.number(fields, "index"),
                let leaf = fields.text("leaf").flatMap(PackForm.digest),
                let at = PackForm.time(fields, "at")
            else {
                throw .file(PackStatements.deploymentName, "it names no record of a self-test")
            }
            selfTest = (index: index, leaf: leaf, at: at)
        }
    }

    private mutating func read(
        _ name: String, _ files: PackFiles
    ) throws(PackFault) -> PackEnvelope {
        let bytes = try files.contents(name)
        let envelope: PackEnvelope
        do throws(Fault) { envelope = try PackEnvelope(bytes) } catch {
            throw .file(name, "\(error)")
        }
        for signer in envelope.signers {
            if name == PackStatements.releaseName {
                releaseSigners[signer] = name
            } else if name.hasPrefix("trust/") || name.hasPrefix("reviews/") {
                people[signer] = people[signer] ?? name
            } else {
                signers[signer] = signers[signer] ?? name
            }
        }
        return envelope
    }

    private mutating func results(
        _ name: String, _ files: PackFiles
    ) throws(PackFault) -> JSONObject {
        let envelope = try read(name, files)
        guard envelope.type == PackEnvelope.payloadType("test-results") else {
            throw .file(name, "it is a statement of another kind than results of tests")
        }
        guard let fields = try? JSONObject(envelope.payload, .canonical) else {
            throw .file(name, "its payload is not in canonical form")
        }
        return fields
    }

    private func tests(
        _ name: String, _ fields: JSONObject
    ) throws(PackFault) -> [Octets: Bool] {
        guard let listed = fields.objects("tests") else { throw .file(name, "it lists no tests") }
        var results: [Octets: Bool] = [:]
        for one in listed {
            guard let id = one.text("id"), let result = one.text("result"),
                results.updateValue(result == Octets("pass"), forKey: id) == nil
            else { throw .file(name, "a test has no id or result, or occurs twice") }
        }
        return results
    }
}
