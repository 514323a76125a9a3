import InterlockTesting
import Testing

@testable import InterlockShell

/// The operator's list of commands (`hooks.shell_allow`).
@Suite(.requirement("R064")) struct `Listed commands` {
    private func list(_ texts: String...) throws -> ShellAllowList {
        var patterns: [ShellPattern] = []
        for text in texts { patterns.append(try ShellPattern(text)) }
        return ShellAllowList(patterns)
    }

    @Test func `exact words, and any further literal arguments after a star`() throws {
        let list = try list("git status", "docker logs *", "make test", "python3 gen.py *", "foo *")
        for held in [
            "make test", "docker logs a", "docker logs", "make test && docker logs -f a",
            "make test 2>&1", "make test >/dev/null", "'make' \"test\"", "python3 gen.py -c x",
            "timeout 5 make test", "make test | foo", "foo 'a b'", "(make test)",
            "sh -c 'make test'",
            "if foo; then make test; fi",
        ] {
            #expect(list.kind(of: ShellText(held)) ?? .read == .read, "\(held)")
        }
        for refused in [
            "make", "make test2", "make test all", "docker logs $x", "docker logs \"$x\"",
            "docker logs *", "make test < a", "make test <<< a", "make test <<A\nx\nA\n",
            "A=1 make test", "./make test", "/usr/bin/make test", "foo $(bar)", "sudo make test",
            "f() { make test; }", "make test # ; a", "$'make' test", "xargs foo",
            "xargs -I {} foo {}",
            "sudo -u a foo", "env PATH=x foo", "find . -exec env foo \\;",
        ] {
            #expect(list.kind(of: ShellText(refused)) ?? .read == .arbitrary, "\(refused)")
        }
        #expect(list.kind(of: ShellText("make test > a")) == .arbitrary)
        #expect(list.kind(of: ShellText("make test; echo a > b")) == .write)
        #expect(list.kind(of: ShellText("make test; git push")) == .push)
        #expect(list.kind(of: ShellText("foo git push")) == nil)
        #expect(list.kind(of: ShellText("foo kubectl delete a")) == .production)
    }

    @Test func `a list can hold a push and a deletion, and never more`() throws {
        let list = try list("git push origin *", "rm -r build")
        #expect(list.kind(of: ShellText("rm -r build; git push origin main")) == nil)
        #expect(list.kind(of: ShellText("git push fork main")) == .push)
    }

    @Test(
        arguments: [
            "kubectl *", "kubectl apply -f a", "kubectl -n *", "helm upgrade *", "terraform *",
            "terraform apply",
            "make *", "make deploy", "npm *", "npm run *", "npm run deploy", "git *", "git -C *",
            "sh *",
            "sh -c *", "bash *", "bash", "env *", "sudo *", "xargs *", "timeout 5 *", "find *",
            "sed *",
            "awk *", "python3", "python3 *", "python3 -c *", "node -e *", "ssh *", "psql *", "gh *",
            "gh pr *", "docker *", "eval *", "source *", "./deploy.sh", "command *",
            "nohup kubectl apply",
        ])
    func `a pattern that could deploy or change production is refused`(text: String) {
        #expect {
            _ = try ShellPattern(text)
        } throws: { error in
            if case .allows(let kind)? = error as? ShellPatternError {
                kind.isAlwaysDecided
            } else {
                false
            }
        }
    }

    @Test(
        arguments: [
            "", " ", "*", "a  b", " a", "a ", "* a", "a * b", "a*", "a b*", "a ** ", "a;b", "a|b",
            "a $x", "a 'b'",
            "a \"b\"", "a\nb", "a\tb", "a > b", "a (b)", "a ~", "a ?", "ä", "a [b]", "a {b}", "a #",
            "a !b",
        ])
    func `a pattern is plain words`(text: String) {
        #expect(throws: ShellPatternError.malformed) { try ShellPattern(text) }
    }

    @Test(arguments: ["fi", "done", "time", "then *", "for *", "A=1", "A=1 *"])
    func `words that are no command to a shell are no pattern`(text: String) {
        #expect(throws: ShellPatternError.malformed) { try ShellPattern(text) }
    }

    @Test func `a long pattern is refused`() {
        let text = String(repeating: "a", count: ShellPattern.most)
        #expect(throws: Never.self) { try ShellPattern(text) }
        #expect(throws: ShellPatternError.tooLong) { try ShellPattern(text + "a") }
    }

    @Test(
        arguments: [
            "git status", "git diff *", "swift test", "swift test *", "make test",
            "git push origin main",
            "git push *", "rm -r build", "kubectl get pods *", "kubectl get *",
            "docker compose up -d",
            "npm run build", "npm run build *", "python3 gen.py *", "foo *", "terraform plan *",
            "cargo run *",
        ])
    func `other patterns are accepted`(text: String) {
        #expect(throws: Never.self) { try ShellPattern(text) }
    }
}
