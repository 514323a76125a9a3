import InterlockModel

/// The rules by which Claude Code refuses to read a hidden name, wherever it lies: also by an `@` mention and by an import
/// of an instruction file, which no hook sees.
enum DenyRules {
    /// Folders of the home whose content is secret whatever a policy hides.
    private static let homeFolders = [".ssh", ".aws", ".gnupg", ".kube", ".docker"]

    static func of(_ hidden: [String]) -> [String] {
        // Two slashes begin an absolute path; a rule for a folder covers what is in it.
        hidden.sorted().map { "Read(//**/\($0))" } + homeFolders.map { "Read(~/\($0)/**)" }
    }

    /// False for a name with a character that has another meaning in a rule or in its patterns.
    static func isExpressible(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                isLetter($0) || isDigit($0) || "._-*?@+~ ".utf8.contains($0)
            }
    }
}
