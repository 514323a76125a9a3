#ifdef __cplusplus
extern "C"
#endif
int interlock_re2_unused(void);
