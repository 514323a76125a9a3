import InterlockCredentials
import InterlockModel
import Testing

@Suite struct LogKeysTests {
    private let scratch = Scratch()
    private let old: PublicKey
    private static let began = Timestamp(microseconds: 1_795_000_000_000_000)

    init() throws {
        old = try NodeKeys.create(in: scratch.path + "/keys", entropy: SystemEntropy())
            .log.publicKey
    }

    private var folder: String { scratch.path + "/keys" }

    private func load() throws -> LogKeys { try LogKeys.load(from: folder) }

    private func rotate(_ cause: LogKeyRotation.Cause = .planned) throws -> PublicKey {
        let old = try load().current.publicKey
        let new = try LogKeys.prepare(in: folder, entropy: SystemEntropy()).publicKey
        try LogKeys.commit(
            LogKeyRotation(from: old, to: new, at: Self.began, cause), in: folder)
        return new
    }

    @Test func `a prepared key signs nothing and is prepared once`() throws {
        let new = try LogKeys.prepare(in: folder, entropy: SystemEntropy()).publicKey
        #expect(try LogKeys.prepare(in: folder, entropy: SystemEntropy()).publicKey == new)
        let keys = try load()
        #expect(keys.current.publicKey == old && keys.former == nil)
        #expect(keys.pending?.publicKey == new)
        #expect(run("stat -c %a '\(folder)/log.next.key'") == "400\n")
    }

    @Test func `from the commit on both sign, for thirty days`() throws {
        let new = try rotate()
        let keys = try load()
        #expect(keys.current.publicKey == new && keys.former?.publicKey == old)
        let known = LogPublicKeys(keys)
        #expect(keys.pending == nil && known.earlier.isEmpty, "the former signs still")
        #expect(known.all == [new, old])
        let end = Self.began + .seconds(30 * 86_400)
        #expect(keys.rotations.first?.until == end && keys.overlapEnd == end)
        #expect(!keys.isOverlapOver(at: end - .microseconds(1)) && keys.isOverlapOver(at: end))
        #expect(code { _ = try LogKeys.prepare(in: folder, entropy: SystemEntropy()) } == .exists)
        // A rotation between other keys is refused.
        let again = LogKeyRotation(from: old, to: new, at: Self.began, .planned)
        #expect(code { try LogKeys.commit(again, in: folder) } == .malformed)
    }

    @Test func `the overlap ends with one key, and the file of the other is gone`() throws {
        let new = try rotate()
        try LogKeys.finishOverlap(in: folder)
        let keys = try load()
        #expect(keys.current.publicKey == new && keys.former == nil && !keys.isLeftOver)
        #expect(LogPublicKeys(keys).earlier == [old] && keys.overlapEnd == nil)
        #expect(
            run("cd '\(folder)'; ls log.*; stat -c %a log.*")
                == "log.key\nlog.rotations\n400\n400\n"
        )
        try LogKeys.finishOverlap(in: folder)
        // The next rotation continues from the new key.
        let third = try rotate(.compromise)
        #expect(try load().current.publicKey == third)
        #expect(LogPublicKeys(try load()).earlier == [old], "a stolen key is recognised nowhere")
        #expect(try load().rotations.last?.until == Self.began)
    }

    /// Each line produces the state after a crash between two steps of the destruction.
    @Test(arguments: [
        "mv log.key log.old.key",
        "mv log.key log.old.key; mv log.next.key log.key",
        "mv log.key log.old.key; mv log.next.key log.key; chmod 600 log.old.key; head -c 32 /dev/zero >log.old.key",
        "mv log.key log.old.key; mv log.next.key log.key; chmod 600 log.old.key; : >log.old.key",
    ])
    func `a destruction that was broken off is finished`(_ crash: String) throws {
        let new = try rotate()
        run("cd '\(folder)' && { \(crash); }")
        #expect(try load().current.publicKey == new && load().isLeftOver)
        #expect(code { _ = try LogKeys.prepare(in: folder, entropy: SystemEntropy()) } == .exists)
        try LogKeys.finishOverlap(in: folder)
        #expect(try load().current.publicKey == new)
        #expect(run("cd '\(folder)'; ls log.*") == "log.key\nlog.rotations\n")
    }

    @Test(
        arguments: [
            ("rm -f log.next.key", KeyFailure.Code.missing),
            ("rm -f log.key", .malformed),
            ("rm -f log.rotations", nil),
            ("chmod 600 log.next.key; head -c 31 /dev/urandom >log.next.key", .malformed),
            ("chmod 600 log.next.key; head -c 32 /dev/urandom >log.next.key", .malformed),
            ("chmod 600 log.key; head -c 32 /dev/urandom >log.key", .malformed),
            ("chmod 644 log.next.key", .exposed),
            ("chmod 600 log.rotations; : >log.rotations", .malformed),
            ("chmod 600 log.rotations; truncate -s -1 log.rotations", .malformed),
            ("chmod 600 log.rotations; sed -i 's/planned/later/' log.rotations", .malformed),
            ("chmod 600 log.rotations; sed -i 's/ 17/ -17/' log.rotations", .malformed),
            (
                "chmod 600 log.rotations; cat log.rotations log.rotations >x; mv -f x log.rotations; chmod 600 log.rotations",
                .malformed
            ),
            ("cp log.next.key log.old.key", .malformed),
            (
                "mv -f log.next.key log.key; chmod 600 log.rotations; echo >>log.rotations",
                .malformed
            ),
        ] as [(String, KeyFailure.Code?)])
    func `keys that do not go together are refused`(_ damage: String, _ expected: KeyFailure.Code?)
        throws
    {
        _ = try rotate()
        run("cd '\(folder)' && { \(damage); }")
        #expect(code { _ = try load() } == expected)
        // The new key counts as only prepared if its line in `log.rotations` is missing.
        if expected == nil { #expect(try load().current.publicKey == old) }
    }
}
