import Glibc
import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@Suite struct SSHPublicKeyTests {
    private let line =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB li@acme"

    @Test func `a line gives the key and the comment`() throws {
        let parsed = try SSHPublicKey(line: line + "\n")
        #expect(parsed.key.bytes == seed(1))
        #expect(parsed.comment == "li@acme")
        #expect(line.hasPrefix(SSHPublicKey.line(of: parsed.key)))
    }

    @Test(arguments: [
        "", "ssh-ed25519", "ssh-rsa AAAA li", "AAAA",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= li",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAA== li",
        "ssh-ed25519 AAAAB3NzaC1yc2EAAAAgAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= li",
        "command=\"x\" ssh-ed25519 AAAA li", "ssh-ed25519 not!base64 li",
    ])
    func `another line is refused`(_ line: String) {
        #expect(throws: KeyFailure(.malformed, "")) { try SSHPublicKey(line: line) }
    }
}

@Suite(
    .enabled(
        if: run("command -v ssh-agent ssh-add ssh-keygen") != nil || TestFiles.isCI,
        "needs ssh-agent"))
struct SSHAgentTests {
    private let scratch = Scratch()

    /// Runs the body while an ssh-agent holds one key.
    private func withAgent(_ body: (SSHAgent, PublicKey) throws -> Void) throws {
        let socket = scratch.path + "/agent"
        let output = try #require(self.start(socket))
        let pid = try #require(
            output.split(separator: "SSH_AGENT_PID=").last?.split(separator: ";").first
                .flatMap { Int32($0) })
        defer { kill(pid, SIGTERM) }
        run("ssh-keygen -q -t ed25519 -N '' -C 'li at work' -f '\(scratch.path)/id'")
        run("SSH_AUTH_SOCK='\(socket)' ssh-add -q '\(scratch.path)/id' 2>/dev/null")
        run("ssh-keygen -q -t ecdsa -N '' -f '\(scratch.path)/other'")
        run("SSH_AUTH_SOCK='\(socket)' ssh-add -q '\(scratch.path)/other' 2>/dev/null")
        let line = String(decoding: scratch.read("id.pub"), as: UTF8.self)
        try body(SSHAgent(path: socket), try SSHPublicKey(line: line).key)
    }

    private func start(_ socket: String) -> String? { run("ssh-agent -a '\(socket)' 2>/dev/null") }

    @Test func `the agent lists its Ed25519 keys and signs with them`() throws {
        try withAgent { agent, key in
            #expect(try agent.identities().map(\.key) == [key])
            #expect(try agent.identities().map(\.comment) == ["li at work"])
            let message = Array("hello".utf8)
            let signature = try agent.sign(message, with: key)
            #expect(OpenSSLVerifier().verifies(signature, of: message, by: key.bytes))
            let envelope = try PersonKey.agent(agent, key).envelope(.vote, message)
            #expect(envelope.isSigned(by: OpenSSLVerifier()))
            let stranger = Ed25519PrivateKey(seed: seed(7)).unwrapped.publicKey
            #expect(throws: KeyFailure(.agent, "")) { try agent.sign(message, with: stranger) }
        }
    }

    @Test func `an agent that is not there is said to be so`() {
        #expect(throws: KeyFailure(.agent, "")) {
            try SSHAgent(path: scratch.path + "/none").identities()
        }
        #expect(throws: KeyFailure(.agent, "")) {
            try SSHAgent(path: String(repeating: "x", count: 200)).identities()
        }
    }
}
