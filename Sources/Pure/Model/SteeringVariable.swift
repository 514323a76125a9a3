import InterlockJSON

/// Environment variables through which a person who cannot change a command line can still choose what is loaded or
/// run: those of loaders, interpreters, shells and git. Their values are code as much as arguments are, and must be
/// reviewed.
///
/// The list covers common runtimes; a program may have others of its own (SECURITY.md).
package enum SteeringVariable {
    private static let names: Set<ExactText> = [
        "PATH", "HOME", "XDG_CONFIG_HOME", "GCONV_PATH", "OPENSSL_CONF", "OPENSSL_ENGINES",
        "OPENSSL_MODULES", "NODE_OPTIONS", "NODE_PATH", "BUN_OPTIONS", "PERLLIB",
        "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "BASH_ENV", "ENV",
        "BASHOPTS", "SHELLOPTS", "ZDOTDIR", "PHPRC", "PHP_INI_SCAN_DIR", "JULIA_LOAD_PATH",
        "EDITOR", "VISUAL", "PAGER", "SSH_ASKPASS",
    ]
    private static let beginnings = [
        "LD_", "DYLD_", "PYTHON", "PERL5", "RUBY", "GIT_", "LUA_", "DOTNET_", "CORECLR_",
        "NPM_CONFIG_", "npm_config_",
    ]
    /// The variables that match a prefix but steer nothing.
    private static let harmless: Set<ExactText> = [
        "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8",
    ]

    /// - Parameter name: the name, case-sensitive: `env` and `ENV` are different variables.
    package static func isOne(_ name: String) -> Bool {
        guard !harmless.contains(name) else { return false }
        return names.contains(name) || beginnings.contains { name.hasPrefix($0) }
    }
}
