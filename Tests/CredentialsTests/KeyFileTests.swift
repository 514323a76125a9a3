import Glibc
import InterlockCredentials
import InterlockModel
import Testing

@Suite struct KeyFileTests {
    private let scratch = Scratch()

    private var keys: String { scratch.path + "/keys" }

    @Test func `a node's keys come back from disk, readable by their owner alone`() throws {
        let made = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        let read = try NodeKeys.load(from: keys)
        #expect(made.log.publicKey == read.log.publicKey)
        #expect(made.token.publicKey == read.token.publicKey)
        #expect(made.pseudonym == read.pseudonym)
        #expect(made.log.publicKey != made.token.publicKey)
        #expect(run("stat -c %a '\(keys)' '\(keys)'/*") == "700\n400\n400\n400\n")
    }

    @Test func `keys are never overwritten`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        let before = scratch.read("keys/log.key")
        #expect(code { _ = try NodeKeys.create(in: keys, entropy: SystemEntropy()) } == .exists)
        #expect(scratch.read("keys/log.key") == before)
    }

    @Test(arguments: ["log.key", "token.key", "pseudonym.key"])
    func `a missing, exposed or damaged key is refused`(_ name: String) throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        scratch.chmodFile("keys/\(name)", 0o440)
        #expect(code { _ = try NodeKeys.load(from: keys) } == .exposed)
        scratch.chmodFile("keys/\(name)", 0o600)
        #expect(code { _ = try NodeKeys.load(from: keys) } == nil)
        scratch.write("keys/\(name)", seed(1).dropLast())
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
        scratch.write("keys/\(name)", [])
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
        run("rm -f '\(keys)/\(name)'; ln -s /etc/hostname '\(keys)/\(name)'")
        #expect(code { _ = try NodeKeys.load(from: keys) } == .io)
        run("rm -f '\(keys)/\(name)'")
        #expect(code { _ = try NodeKeys.load(from: keys) } == .missing)
    }

    @Test func `a folder that others may enter is refused`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        scratch.chmodFile("keys", 0o750)
        #expect(code { _ = try NodeKeys.load(from: keys) } == .exposed)
        #expect(code { _ = try NodeKeys.load(from: scratch.path + "/none") } == .missing)
    }

    @Test func `a person's key opens with its passphrase only`() throws {
        let path = scratch.path + "/li.pem"
        let made = try PersonKeyFile.create(
            path, passphrase: "correct horse", entropy: SystemEntropy())
        let opened = try PersonKeyFile.open(path) { () throws(KeyFailure) in "correct horse" }
        #expect(made.publicKey == opened.publicKey)
        #expect(run("stat -c %a '\(path)'") == "600\n")
        for wrong in ["correct hors", "correct horse ", "", String(repeating: "x", count: 2000)] {
            #expect(
                code { _ = try PersonKeyFile.open(path) { () throws(KeyFailure) in wrong } }
                    == .passphrase)
        }
    }

    @Test func `the openssl program can read a person's key`() throws {
        let path = scratch.path + "/li.pem"
        let made = try PersonKeyFile.create(
            path, passphrase: "correct horse", entropy: SystemEntropy())
        let publicKey = run(
            "openssl pkey -in '\(path)' -passin 'pass:correct horse' -pubout -outform DER | tail -c 32 | base64"
        )
        #expect(publicKey == made.publicKey.base64 + "\n")
    }

    @Test func `a plain key is refused before anybody is asked for a passphrase`() throws {
        run("openssl genpkey -algorithm ed25519 -out '\(scratch.path)/plain.pem'")
        run("ssh-keygen -q -t ed25519 -N '' -f '\(scratch.path)/ssh'")
        scratch.write("raw", seed(1))
        for name in ["plain.pem", "ssh", "raw"] {
            scratch.chmodFile(name, 0o600)
            var asked = false
            #expect(
                code {
                    _ = try PersonKeyFile.open("\(scratch.path)/\(name)") { () throws(KeyFailure) in
                        asked = true
                        return ""
                    }
                } == .plain, "\(name)")
            #expect(!asked)
        }
    }

    @Test func `a person's key file that others can read, or that is another thing, is refused`()
        throws
    {
        let path = scratch.path + "/li.pem"
        _ = try PersonKeyFile.create(path, passphrase: "correct horse", entropy: SystemEntropy())
        let open = { (path: String) in
            code {
                _ = try PersonKeyFile.open(path) { () throws(KeyFailure) in "correct horse" }
            }
        }
        scratch.chmodFile("li.pem", 0o644)
        #expect(open(path) == .exposed)
        scratch.write("text", "hello")
        #expect(open(scratch.path + "/text") == .malformed)
        scratch.write(
            "torn", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3\n")
        #expect(open(scratch.path + "/torn") == .malformed)
        run(
            "openssl genpkey -algorithm X25519 -aes256 -pass 'pass:correct horse' -out '\(scratch.path)/x'"
        )
        scratch.chmodFile("x", 0o600)
        #expect(open(scratch.path + "/x") == .malformed)
        #expect(open(scratch.path + "/none") == .missing)
    }

    @Test func `a passphrase has at least eight characters and a key file is not overwritten`()
        throws
    {
        let path = scratch.path + "/li.pem"
        #expect(
            code {
                _ = try PersonKeyFile.create(path, passphrase: "1234567", entropy: SystemEntropy())
            } == .argument)
        _ = try PersonKeyFile.create(path, passphrase: "12345678", entropy: SystemEntropy())
        #expect(
            code {
                _ = try PersonKeyFile.create(path, passphrase: "12345678", entropy: SystemEntropy())
            } == .exists)
    }
}
