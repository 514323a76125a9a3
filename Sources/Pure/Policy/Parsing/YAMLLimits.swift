/// The limits on what is read (docs/specs/policy.md, section 2.1). Exceeding one of them is E109.
package enum YAMLLimits {
    package static let fileBytes = 1 << 20
    package static let policyBytes = 64 << 20
    package static let policyNodes = 1_000_000
    package static let depth = 32
    package static let scalarBytes = 16 << 10
    package static let agents = 20_000
    package static let servers = 256
    package static let tasks = 200
    package static let toolsOfServer = 2000
}
