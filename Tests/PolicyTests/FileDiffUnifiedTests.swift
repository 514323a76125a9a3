import InterlockCredentials
import InterlockPolicyReview
import Testing

/// The text of a difference for people, as `diff -u` prints it.
struct FileDiffUnifiedTests {
    private func lines(_ old: String?, _ new: String?) -> [String] {
        FileDiff(
            "a.c", from: old.map { Array($0.utf8) }, to: new.map { Array($0.utf8) },
            OpenSSLHashing()
        ).unified
    }

    @Test func `changed, added and removed files have their heads`() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
        #expect(
            lines(old, "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") == [
                "--- a/a.c", "+++ b/a.c", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6",
                " 7", " 8",
            ])
        #expect(lines(nil, "x\n") == ["--- /dev/null", "+++ b/a.c", "@@ -0,0 +1 @@", "+x"])
        #expect(
            lines("x", nil) == [
                "--- a/a.c", "+++ /dev/null", "@@ -1 +0,0 @@", "-x",
                "\\ No newline at end of file",
            ])
        #expect(lines(old, old).isEmpty)
    }

    @Test func `no line moves the cursor, and tabs stay`() {
        let shown = lines("", "\ta\u{1b}[31m\u{202e}\r\n").last ?? ""
        #expect(shown == "+\ta⟦U+001B⟧[31m⟦U+202E⟧⟦U+000D⟧")
    }
}
